"""Metadata of an object: its record, its JSON resource, patches and preconditions."""
