"""Users, their sign-in and their API keys."""
