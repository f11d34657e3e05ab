"""The folder that a local cloud keeps everything in."""
