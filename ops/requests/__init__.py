"""What became of a request or an upload."""
