"""Stream, name, delete and restore videos."""
