"""Routes about uploads: signed, chunked, and by form."""
