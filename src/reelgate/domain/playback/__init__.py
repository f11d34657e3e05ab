"""Playback by people who have a link: grants, their tokens, and the playlists that they open."""
