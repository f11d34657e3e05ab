"""What differs between asyncio and threads, under the same names: waiting, locks, and doing several things at once."""
