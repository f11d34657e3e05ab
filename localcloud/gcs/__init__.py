"""The local Cloud Storage: JSON and XML API over files and SQLite, with Google's signatures, sessions and errors."""
