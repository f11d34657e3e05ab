"""Derive MP3s and posters, and issue URLs for MP3s."""
