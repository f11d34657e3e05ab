"""What playback reads, and keeps for a while: indexes of packaged videos, and grants."""
