"""Routes about videos, their posters and the trash."""
