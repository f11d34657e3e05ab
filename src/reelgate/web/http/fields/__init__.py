"""Fields that a request has wrong: where they are, and sentences about them."""
