"""HTTP: routes by subject, the events that Google Cloud sends, and what all requests share."""
