"""Where an object is found: the three forms of Cloud Storage URLs.

Source: Cloud Storage documentation, "Request endpoints".
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


class UrlStyle(Enum):
    """How bucket and object share out between host and path."""

    PATH = "path"  # https://storage.googleapis.com/BUCKET/OBJECT
    VIRTUAL_HOSTED = "virtual_hosted"  # https://BUCKET.storage.googleapis.com/OBJECT
    BUCKET_BOUND = "bucket_bound"  # https://videos.example.org/OBJECT, a host name that stands for the bucket


class Server(NamedTuple):
    """Whom a request goes to: the beginning of its URL, and the Host header that clients send with it."""

    origin: str
    host: str


class Endpoint:
    """A storage service's base URL, `https://storage.googleapis.com` or an emulator's."""

    def __init__(self, base_url: str, style: UrlStyle = UrlStyle.PATH) -> None:
        """Raises ValueError for anything but scheme, host and optional port."""
        parts = urlsplit(base_url.rstrip("/"))
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"a storage endpoint is http:// or https:// and a host, not {base_url!r}")
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(f"a storage endpoint has no path, query or user: {base_url!r}")
        self._scheme = parts.scheme
        self._netloc = netloc = parts.netloc.lower()
        self._style = style
        # Clients leave a scheme's own port out of the Host header (RFC 9110, section 4.2.3), so it is not signed either.
        default_port = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
        self._host = netloc.rpartition(":")[0] if default_port and parts.port else netloc
        self._origin = f"{parts.scheme}://{netloc}"

    def server(self, bucket: str) -> Server:
        """Return where requests for a bucket go. `origin` and the path are the URL."""
        if self._style is UrlStyle.VIRTUAL_HOSTED:
            return Server(f"{self._scheme}://{bucket}.{self._netloc}", f"{bucket}.{self._host}")
        return Server(self._origin, self._host)

    def path_start(self, bucket: str, *, of_object: bool) -> str:
        """Return what stands before an encoded object name in a path, or the whole path of the bucket itself."""
        if self._style is not UrlStyle.PATH:
            return "/"
        return f"/{bucket}/" if of_object else f"/{bucket}"

    def __repr__(self) -> str:
        return f"Endpoint({self._origin!r}, {self._style.name})"
