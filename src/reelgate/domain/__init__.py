"""Rules and nouns of the store, without I/O and without a clock. Standard library and idna (mail domains) only."""
