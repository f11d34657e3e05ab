"""Google's own suites for its clients, run against the storage emulator: docs/storage-emulator.md, "Google's suites".

Nothing of theirs is here: the runner takes the paths of checkouts, and says so when there are none.
"""
