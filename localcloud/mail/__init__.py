"""Where mails and webhooks of the local cloud end up: an SMTP server and a webhook receiver that keep what they got."""
