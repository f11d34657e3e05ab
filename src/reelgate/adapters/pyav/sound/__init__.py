"""Extract the audio of a media file as MP3."""
