"""What breaks while the users work."""
