"""Uploads in the books, whole and in chunks."""
