# Made from aio/__init__.py by make_sync.py. Change that file, and run it again.
"""The client for threads. The other one is made from it by `make_sync.py`."""
