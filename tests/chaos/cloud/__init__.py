"""A local cloud that breaks on request: instances of every function, and faults on every connection between its parts."""
