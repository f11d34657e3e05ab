"""Version 1 of the API: playback grants, and what they open."""
