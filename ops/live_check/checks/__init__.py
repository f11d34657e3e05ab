"""What the live check proves and measures, by subject."""
