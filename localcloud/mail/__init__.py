"""Receives the local cloud's mails and webhooks: an SMTP server and a webhook receiver that keep them in memory."""
