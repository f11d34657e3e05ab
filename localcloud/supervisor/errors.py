"""The error for anything that keeps the local cloud from starting, with a message for the user."""


class CannotStartError(Exception):
    """The local cloud cannot start as requested; the message says why and what to do."""
