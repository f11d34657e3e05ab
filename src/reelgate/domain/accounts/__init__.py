"""Registering, logging in, and what admins change about an account."""
