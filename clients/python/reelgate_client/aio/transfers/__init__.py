"""Whole files: sent in one session or in parts, and fetched."""
