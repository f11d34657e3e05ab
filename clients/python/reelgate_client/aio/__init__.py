"""The client for asyncio. The other one is made from it by `make_sync.py`."""
