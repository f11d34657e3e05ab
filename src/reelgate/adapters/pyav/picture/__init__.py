"""One picture of a video, as JPEG."""
