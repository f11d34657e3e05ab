"""A media file: opened, described, and checked for damage."""
