"""Derive MP3s and posters, and hand out their URLs."""
