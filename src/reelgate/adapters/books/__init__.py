"""The books over documents: optimistic commits, grouped per user."""
