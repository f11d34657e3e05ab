"""What can keep the local cloud from starting, in words for the person who started it."""


class CannotStartError(Exception):
    """The local cloud cannot start as asked; the text says why and what to do."""
