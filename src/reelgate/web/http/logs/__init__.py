"""What functions log: lines as Cloud Logging reads them, and one for each refused request."""
