# Made from aio/transfers/__init__.py by make_sync.py. Change that file, and run it again.
"""Whole files: sent in one session or in parts, and fetched."""
