"""Several files at once: what `upload`, `sync` and `download` do."""
