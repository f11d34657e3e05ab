"""Routes about deliveries of notifications."""
