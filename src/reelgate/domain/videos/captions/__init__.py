"""Captions: language tags, WebVTT, and what putting and removing captions does to the books."""
