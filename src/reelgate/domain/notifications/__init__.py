"""Mails, webhooks, deliveries and which mails a user wants."""
