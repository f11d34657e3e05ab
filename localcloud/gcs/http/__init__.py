"""Requests in, answers out: targets, bodies, ranges, CORS, faults."""
