"""Stream, title, delete and restore videos."""
