"""The converter: its memory and time for a video, and whether it plays what the `ffmpeg` command plays."""
