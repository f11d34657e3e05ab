"""Requests in, answers out: routes, JSON, and the one table from errors to statuses."""
