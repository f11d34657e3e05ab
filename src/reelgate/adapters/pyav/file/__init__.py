"""Open a media file, describe it, and check it for damage."""
