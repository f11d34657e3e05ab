"""Files that pages load, as they are sent: read once, compressed once, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from reelgate.web.http.answers.compressed import accepts_gzip

FOR_EVER = "public, max-age=31536000, immutable"
"""For an address whose content never changes."""

ASK_FIRST = "no-cache"
"""For an address whose content may be another one next time: browsers keep it, and ask whether it still is."""

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served: texts only, because Terraform puts nothing else into the archive of a function."""


class Asset:
    """A file. It is compressed when somebody first takes it so."""

    def __init__(self, name: str, content: bytes) -> None:
        """Raises KeyError for an ending of the name that is not served."""
        self.content = content
        self.media_type = MEDIA_TYPES[Path(name).suffix]

    @cached_property
    def gzipped(self) -> bytes:
        """Return it compressed by gzip. No time of day is in it: all instances send the same bytes."""
        return gzip.compress(self.content, 9, mtime=0)


def version_of(contents: Mapping[str, bytes]) -> str:
    """Return a digest of files, by their names and contents."""
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def asset_answer(request: Request, asset: Asset, *, cache_control: str) -> Response:
    """Return a file, compressed if the client takes gzip."""
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if not accepts_gzip(request):
        return Response(asset.content, headers=headers, media_type=asset.media_type)
    return Response(asset.gzipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=asset.media_type)
