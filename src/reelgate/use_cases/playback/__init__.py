"""Share videos by playback grants, and play them."""
