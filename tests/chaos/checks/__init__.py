"""An independent checker: it reads documents, objects, mails and webhooks, and imports none of the product's code."""
