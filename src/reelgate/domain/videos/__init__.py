"""Titles of finished videos, and differences between the books and the bucket."""
