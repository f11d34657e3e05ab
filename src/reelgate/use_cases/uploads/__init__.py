"""Grant, inspect, resume and cancel uploads; chunks/ has those that arrive in chunks."""
