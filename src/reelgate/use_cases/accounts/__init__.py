"""Register, log in, and manage users."""
