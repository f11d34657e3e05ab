"""Rules and nouns of the store, without I/O and without a clock. Standard library only, but for idna (domains of mail addresses)."""
