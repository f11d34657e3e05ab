"""Chunked uploads."""
