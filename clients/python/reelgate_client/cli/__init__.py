"""The command line: `reelgate`."""
