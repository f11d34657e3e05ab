"""The sound of a media file, as MP3."""
