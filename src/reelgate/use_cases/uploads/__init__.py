"""Grant, inspect, resume and cancel uploads."""
