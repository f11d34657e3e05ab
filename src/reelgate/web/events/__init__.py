"""What Eventarc, Pub/Sub and the scheduler send."""
