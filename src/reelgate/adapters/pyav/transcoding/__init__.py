"""Encode a smaller rendition of a packaged video, shard by shard."""
