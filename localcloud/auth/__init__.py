"""The Firebase Auth emulator: its installation, its start and the `token` command."""
