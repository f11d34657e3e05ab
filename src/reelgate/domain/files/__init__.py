"""File names, and the names of the objects that hold a video and its parts."""
