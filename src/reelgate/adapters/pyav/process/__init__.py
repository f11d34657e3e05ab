"""The process that FFmpeg runs in, and the conversation with it."""
