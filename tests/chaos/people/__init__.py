"""The users: what they do, what they were told, and what they remember."""
