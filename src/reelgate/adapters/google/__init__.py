"""Google's REST APIs: one client, one source of access tokens, Pub/Sub."""
