"""XML API: which bucket and object a request names, by path or by host."""

import re
from dataclasses import dataclass

from emulator.gcs.http.call import Call
from emulator.gcs.http.target import decode
from emulator.gcs.store.buckets import Buckets

VIRTUAL_HOST = re.compile(r"^(?P<bucket>[a-z0-9][a-z0-9._-]*)\.storage\.[a-z0-9.-]+$", re.IGNORECASE)


@dataclass(frozen=True)
class Resource:
    """What is addressed; `name` is empty for the bucket itself, both for the service."""

    bucket: str
    name: str


def addressed(call: Call, buckets: Buckets) -> Resource:
    """Return the resource of `/BUCKET/OBJECT`, or of `/OBJECT` under BUCKET.storage.HOST or a bucket's own domain."""
    host = re.sub(r":\d+$", "", call.host).lower()
    path = call.target.raw_path.removeprefix("/")
    match = VIRTUAL_HOST.match(host)
    if match is not None:
        return Resource(match["bucket"], decode(path))
    if "." in host and buckets.find(host) is not None:
        return Resource(host, decode(path))
    bucket, _, name = path.partition("/")
    return Resource(decode(bucket), decode(name))
