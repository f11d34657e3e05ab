"""What is kept on disk: buckets, objects, events, sessions, keys."""
