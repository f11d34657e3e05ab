"""Finished videos, and their differences from the bucket."""
