"""Cloud Storage features that the emulator lacks: refused by name, so that no request only seems to succeed."""

from collections.abc import Mapping
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError

ACLS = "access control lists cannot be changed"
CUSTOMER_KEYS = "everything is stored as it is, without encryption keys of customers"
VERSIONS = "only the live version of an object is kept"
RETENTION = "objects have no retention periods of their own"

# Query parameters of the JSON API, with the values that have no effect anyway.
PARAMETERS: dict[str, tuple[str, frozenset[str]]] = {
    "predefinedAcl": (ACLS, frozenset()),
    "predefinedDefaultObjectAcl": (ACLS, frozenset()),
    "destinationPredefinedAcl": (ACLS, frozenset()),
    "kmsKeyName": (CUSTOMER_KEYS, frozenset()),
    "destinationKmsKeyName": (CUSTOMER_KEYS, frozenset()),
    "softDeleted": (VERSIONS, frozenset({"false"})),
    "restoreToken": (VERSIONS, frozenset()),
    "copySourceAcl": (ACLS, frozenset({"false"})),
    "enableObjectRetention": (RETENTION, frozenset({"false"})),
    "overrideUnlockedRetention": (RETENTION, frozenset({"false"})),
    "filter": ("objects have no contexts", frozenset()),
    "rewriteToken": ("a rewrite is always done in one call, and no token is ever given", frozenset()),
    "callback": ("answers are JSON, not scripts", frozenset()),
    "enableLifecycle": ("lifecycle rules are stored and never applied", frozenset()),
}
ALTERNATIVES = frozenset({"json", "media"})
KEY_HEADERS = (
    *("x-goog-encryption-", "x-goog-copy-source-encryption-"),
    *("x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption"),
)
WRITE_HEADERS = {
    "x-goog-acl": ACLS,
    "x-amz-acl": ACLS,
    "x-goog-copy-source": "copying is offered through the JSON API only",
    "x-amz-copy-source": "copying is offered through the JSON API only",
    "x-goog-metadata-directive": "copying is offered through the JSON API only",
    "x-amz-metadata-directive": "copying is offered through the JSON API only",
    "x-goog-object-lock-mode": RETENTION,
    "x-goog-object-lock-retain-until-date": RETENTION,
    "x-goog-bypass-governance-retention": RETENTION,
    "x-amz-object-lock-mode": RETENTION,
    "x-amz-object-lock-retain-until-date": RETENTION,
    "x-amz-tagging": "objects have no tags",
    "x-amz-website-redirect-location": "buckets are no web sites",
}
# Fields of an object resource that would have an effect, and their defaults.
OBJECT_FIELDS = {
    "kmsKeyName": CUSTOMER_KEYS,
    "customerEncryption": CUSTOMER_KEYS,
    "retention": RETENTION,
    "contexts": "objects have no contexts",
}


def refuse_parameters(query: Mapping[str, str]) -> None:
    """Raises StorageError (501) for a query parameter that would have no effect."""
    for name, (reason, harmless) in PARAMETERS.items():
        if name in query and query[name].lower() not in harmless:
            raise _refused(f"The parameter {name}", reason)
    if query.get("alt", "json") not in ALTERNATIVES:
        raise _refused(f"alt={query['alt']}", "answers are JSON or media")


def refuse_keys(headers: Mapping[str, str]) -> None:
    """Raises StorageError (501) for customer-supplied or customer-managed encryption keys in headers."""
    for name in headers:
        if name.lower().startswith(KEY_HEADERS):
            raise _refused(name, CUSTOMER_KEYS)


def refuse_write_headers(headers: Mapping[str, str]) -> None:
    """Raises StorageError (501) for a header of the XML API that would have no effect."""
    refuse_keys(headers)
    for name, reason in WRITE_HEADERS.items():
        if name in headers:
            raise _refused(name, reason)


def refuse_fields(document: dict[str, Any]) -> None:
    """Raises StorageError (501) for a field of an object resource that would have no effect."""
    for name, reason in OBJECT_FIELDS.items():
        if document.get(name):
            raise _refused(name, reason)


def refuse_bucket_settings(document: dict[str, Any]) -> None:
    """Raises StorageError (501) for object versioning: lists and generations would be wrong from then on."""
    versioning = document.get("versioning")
    if isinstance(versioning, dict) and versioning.get("enabled"):
        raise _refused("versioning", VERSIONS)


def _refused(what: str, reason: str) -> StorageError:
    return StorageError(Refusal.NOT_IMPLEMENTED, f"{what} is not offered by the emulator: {reason}.")
