"""Routes of usage."""
