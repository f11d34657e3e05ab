"""The Firebase Auth emulator: its package, its start and the `token` command."""
