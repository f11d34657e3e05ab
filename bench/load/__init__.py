"""Many users at once, through the gateway."""
