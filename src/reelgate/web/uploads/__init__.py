"""Routes of uploads."""
