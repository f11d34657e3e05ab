"""Commit to the books, and deliver the outbox."""
