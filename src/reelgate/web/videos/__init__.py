"""Routes of videos and their URLs."""
