"""What runs in the local cloud, how each service is started and what is set up in it."""
