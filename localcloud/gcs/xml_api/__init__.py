"""The XML API: signed URLs on /BUCKET/OBJECT."""
