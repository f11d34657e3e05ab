"""What people and events can do with the store: one verb per module, over ports, without cloud or web."""
