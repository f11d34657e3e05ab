"""Mails, webhooks, deliveries and what users want to receive."""
