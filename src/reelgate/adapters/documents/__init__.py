"""The document store: Firestore over its REST API."""
