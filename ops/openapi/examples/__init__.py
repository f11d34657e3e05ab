"""Examples of requests and answers: made of those of their fields, and one of each error."""
