"""Media types, containers, and what is derived from a video."""
