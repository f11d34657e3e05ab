"""Package a video as a fragmented MP4, and find its segments in the bytes while they pass."""
