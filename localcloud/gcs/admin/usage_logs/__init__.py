"""Usage logs: the requests of buckets that have `logging`, as CSV objects in their log bucket (docs/storage-emulator.md)."""
