"""Verified bearer tokens."""
