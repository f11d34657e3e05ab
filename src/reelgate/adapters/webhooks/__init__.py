"""Webhooks, to public addresses only."""
