"""Chunked uploads: start, reserve, sign, send and complete."""
