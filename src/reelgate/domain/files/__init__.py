"""File names, and where a video and its parts lie in the bucket."""
