"""Routes about storage and the day's usage."""
