"""Publish and record audit events."""
