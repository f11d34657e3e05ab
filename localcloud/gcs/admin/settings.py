"""Buckets and keys that a JSON file declares, created at the start."""

import json
from pathlib import Path
from typing import Any

from localcloud.gcs.admin.keys import register_hmac, register_rsa
from localcloud.gcs.services import Services

SECTIONS = frozenset({"buckets", "hmac_keys", "rsa_keys"})


def read_settings(path: Path) -> dict[str, Any]:
    """Return the file's content. Raises ValueError if it does not have the documented form."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or set(document) - SECTIONS:
        raise ValueError(f"{path}: only {', '.join(sorted(SECTIONS))} may be set")
    return document


def apply_settings(services: Services, document: dict[str, Any]) -> None:
    """Create or change the buckets and register the keys; everything else that exists is kept.

    Raises:
        StorageError: an entry is invalid.
    """
    for bucket in document.get("buckets", []):
        if services.buckets.find(bucket["name"]) is None:
            services.buckets.create(bucket["name"], bucket)
        else:
            services.buckets.change(bucket["name"], bucket)
    for key in document.get("hmac_keys", []):
        register_hmac(services.keys, key)
    for key in document.get("rsa_keys", []):
        register_rsa(services.keys, key)
