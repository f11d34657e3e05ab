"""Routes about accounts and users."""
