"""Describe, publish, record and list audit events."""
