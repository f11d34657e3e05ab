"""Delete a user, with everything that is stored about them, and export it."""
