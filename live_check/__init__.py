"""Proves on a running deployment what tests prove on the local cloud: `python -m live_check --help`."""
