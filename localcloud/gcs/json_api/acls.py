"""`projection=full`: the access control lists that every bucket and object has, which cannot be changed here.

Source: Cloud Storage documentation, "Access control lists", default ACLs (projectPrivate). Buckets with uniform
bucket-level access show none, nor do their objects.
"""

from typing import Any

from localcloud.gcs.errors import Refusal, StorageError

PROJECT = "0"
OWNER = {"entity": f"project-owners-{PROJECT}"}
ROLES = (("owners", "OWNER"), ("editors", "OWNER"), ("viewers", "READER"))
LISTS = ("acl", "defaultObjectAcl", "owner")
PROJECTIONS = frozenset({"full", "noAcl"})


def wants_acls(projection: str | None) -> bool:
    """Whether the answer includes the access control lists. Raises StorageError (400) for anything but full and noAcl."""
    if projection is not None and projection not in PROJECTIONS:
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid value for projection: {projection}")
    return projection == "full"


def is_uniform(bucket: dict[str, Any] | None) -> bool:
    """Whether uniform bucket-level access is on."""
    configuration = (bucket or {}).get("iamConfiguration") or {}
    return bool((configuration.get("uniformBucketLevelAccess") or {}).get("enabled"))


def with_acls(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a bucket or an object with its access control lists."""
    if resource["kind"] == "storage#bucket":
        entries = _entries("storage#bucketAccessControl", {"bucket": resource["name"]})
        default = _entries("storage#objectAccessControl", {})
        return {**resource, "acl": entries, "defaultObjectAcl": default, "owner": OWNER}
    whose = {"bucket": resource["bucket"], "object": resource["name"], "generation": resource["generation"]}
    return {**resource, "acl": _entries("storage#objectAccessControl", whose), "owner": OWNER}


def without_acls(document: dict[str, Any]) -> dict[str, Any]:
    """Return a client's resource without access control lists that are empty or as this server sent them.

    Raises:
        StorageError: 501 for any other list: it would have no effect.
    """
    roles = {(f"project-{team}-{PROJECT}", role) for team, role in ROLES}
    for name in ("acl", "defaultObjectAcl"):
        entries = document.get(name) or []
        if not isinstance(entries, list) or any(_entity_and_role(entry) not in roles for entry in entries):
            raise StorageError(
                Refusal.NOT_IMPLEMENTED, f"{name} is not offered: access control lists cannot be changed in the emulator."
            )
    return {name: value for name, value in document.items() if name not in LISTS}


def _entries(kind: str, whose: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            **whose,
            "entity": f"project-{team}-{PROJECT}",
            "role": role,
            "projectTeam": {"projectNumber": PROJECT, "team": team},
            "etag": "CAE=",
        }
        for team, role in ROLES
    ]


def _entity_and_role(entry: object) -> tuple[object, object]:
    return (entry.get("entity"), entry.get("role")) if isinstance(entry, dict) else (None, None)
