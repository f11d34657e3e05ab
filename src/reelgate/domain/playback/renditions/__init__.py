"""Smaller renditions of a packaged video, encoded shard by shard."""
