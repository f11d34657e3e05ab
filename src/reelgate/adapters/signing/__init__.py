"""V4-signed Cloud Storage URLs."""
