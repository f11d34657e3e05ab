"""Uploads: how a file gets into the bucket."""
