"""Streams as many MiB as asked for: deployed for a minute to see how much a function may stream (question 7)."""

from collections.abc import Iterator

import functions_framework
from flask import Request, Response

MIB = 1024 * 1024


@functions_framework.http
def probe(request: Request) -> Response:
    """Answer with `mib` MiB of zeros in pieces, without saying beforehand how much it will be."""
    count = int(request.args.get("mib", "1"))

    def zeros() -> Iterator[bytes]:
        for _ in range(count):
            yield bytes(MIB)

    return Response(zeros(), mimetype="application/octet-stream")
