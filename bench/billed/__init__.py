"""What each thing that a user does is billed for."""
