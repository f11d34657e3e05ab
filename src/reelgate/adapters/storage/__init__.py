"""The buckets, through google-cloud-storage."""
