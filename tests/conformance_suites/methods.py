"""Which method of the JSON API a request is, in the names that the suites use, and which of them the emulator offers."""

import re

BUCKET, OBJECT = "/storage/v1/b/[^/]+", "/storage/v1/b/[^/]+/o/[^/]+"
TABLE = [
    ("/storage/v1/b/?", {"GET": "buckets.list", "POST": "buckets.insert"}),
    (BUCKET, {"GET": "buckets.get", "PATCH": "buckets.patch", "PUT": "buckets.update", "DELETE": "buckets.delete"}),
    (f"{BUCKET}/iam/testPermissions", {"GET": "buckets.testIamPermissions"}),
    (f"{BUCKET}/o/?", {"GET": "objects.list"}),
    (OBJECT, {"GET": "objects.get", "PATCH": "objects.patch", "PUT": "objects.update", "DELETE": "objects.delete"}),
    (f"{OBJECT}/rewriteTo/.*", {"POST": "objects.rewrite"}),
    (f"{OBJECT}/copyTo/.*", {"POST": "objects.copy"}),
    (f"{OBJECT}/compose", {"POST": "objects.compose"}),
    ("/download/storage/v1/b/[^/]+/o/.+", {"GET": "objects.get"}),
    ("(?:/resumable)?/upload/storage/v1/b/[^/]+/o/?", {"POST": "objects.insert", "PUT": "objects.insert"}),
]
PATTERNS = [(re.compile(pattern), verbs) for pattern, verbs in TABLE]
OFFERED = frozenset(f"storage.{name}" for _, verbs in TABLE for name in verbs.values())


def full_path(raw_path: str) -> str:
    """Return the path of the JSON API that a Node client means, which leaves `/storage/v1` away from an emulator's."""
    short = re.fullmatch(r"/+((?:b|projects)(?:/.*)?)", raw_path)
    return f"/storage/v1/{short[1]}" if short is not None else raw_path


def method_of(verb: str, raw_path: str) -> str | None:
    """Return the name such as `storage.objects.get`, None for what the emulator does not offer."""
    path = full_path(raw_path)
    for pattern, verbs in PATTERNS:
        if pattern.fullmatch(path) and verb in verbs:
            return f"storage.{verbs[verb]}"
    return None
