"""The watch page: what people see who open a link to a video, and everything that their browsers load for it."""
