"""Routes about videos, the trash, and URLs for streaming and download."""
