"""Report and reset the day's usage."""
