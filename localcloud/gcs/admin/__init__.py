"""The emulator's own API under /_emulator, and the IAM Credentials stand-in."""
