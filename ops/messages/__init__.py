"""Commands for messages and actions that did not arrive."""
