"""An upload's objects in the bucket: sessions, parts, arrival and expiry."""
