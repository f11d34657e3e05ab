"""Routes of the delivery log."""
