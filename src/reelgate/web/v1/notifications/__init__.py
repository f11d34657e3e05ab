"""Mails and webhooks that were sent, for admins."""
