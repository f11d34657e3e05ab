"""Titles of finished videos, and differences between books and bucket."""
