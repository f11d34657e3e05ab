"""Answers of text that clients can take compressed (RFC 9110, sections 8.4.1.3 and 12.5.3)."""

from __future__ import annotations

import re
import zlib

from starlette.requests import Request
from starlette.responses import Response

LEVEL = 3
"""Of zlib's nine. For a playlist, the higher ones take more than twice the time and save a tenth of the bytes."""

MIN_BYTES = 1024
"""Shorter texts fit into one packet of the network anyway."""

_REFUSED = re.compile(r"q=0(\.0{0,3})?")
_GZIP = 31  # zlib's `wbits` for the largest window, with gzip's header and checksum


def text_answer(request: Request, text: str, *, media_type: str) -> Response:
    """Return a text in UTF-8, compressed if the client takes gzip and it is worth while."""
    content = text.encode()
    headers = {"Vary": "Accept-Encoding"}
    if len(content) >= MIN_BYTES and accepts_gzip(request):
        content = gzip(content)
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=media_type)


def gzip(content: bytes) -> bytes:
    """Return the content compressed by gzip; the same bytes for the same content."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(content) + compressor.flush()


def accepts_gzip(request: Request) -> bool:
    """Return whether the client takes gzip: it names it, or `*`, and not with a quality of 0."""
    qualities: dict[str, bool] = {}
    for field in request.headers.getlist("accept-encoding"):
        for part in field.lower().split(","):
            coding, _, parameters = part.partition(";")
            qualities[coding.strip()] = _REFUSED.fullmatch(parameters.strip()) is None
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", False)))
