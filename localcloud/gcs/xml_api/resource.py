"""XML API: which bucket and object a request names, by path or by host."""

import re
from dataclasses import dataclass

from localcloud.gcs.http.call import Call
from localcloud.gcs.http.target import decode
from localcloud.gcs.store.buckets import Buckets

VIRTUAL_HOST = re.compile(r"^(?P<bucket>[a-z0-9][a-z0-9._-]*)\.storage\.[a-z0-9.-]+$", re.IGNORECASE)


@dataclass(frozen=True)
class Resource:
    """The addressed resource; `name` is empty for a bucket, both fields for the service."""

    bucket: str
    name: str


def addressed(call: Call, buckets: Buckets) -> Resource:
    """Return the resource of `/BUCKET/OBJECT`, or of `/OBJECT` under BUCKET.storage.HOST or a bucket's own domain."""
    path = call.target.raw_path.removeprefix("/")
    named = bucket_of_host(call, buckets)
    if named is not None:
        return Resource(named, decode(path))
    bucket, _, name = path.partition("/")
    return Resource(decode(bucket), decode(name))


def bucket_of_host(call: Call, buckets: Buckets) -> str | None:
    """Return the bucket that the Host header names, None if the path names it."""
    host = re.sub(r":\d+$", "", call.host).lower()
    match = VIRTUAL_HOST.match(host)
    if match is not None:
        return match["bucket"]
    return host if "." in host and buckets.find(host) is not None else None
