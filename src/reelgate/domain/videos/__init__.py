"""Finished videos: their titles and URLs, the trash, and differences between the books and the bucket."""
