"""Rules and nouns of the store. Standard library only; nothing here waits, reads a clock or talks to anybody."""
