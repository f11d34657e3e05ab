"""Send mails and webhooks."""
