"""What the parts of the local cloud cost: the gateway and the storage emulator."""
