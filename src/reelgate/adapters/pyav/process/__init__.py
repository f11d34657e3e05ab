"""The process that FFmpeg runs in, and the protocol with it."""
