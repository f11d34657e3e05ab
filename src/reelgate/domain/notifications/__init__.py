"""Mails, webhooks, deliveries and mail preferences."""
