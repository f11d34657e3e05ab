"""The bytes of objects: files, their checksums, and joining them."""
