"""CRC32C and MD5 as Cloud Storage writes them, and the comparison with what a client declared."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import google_crc32c
from multidict import MultiMapping

from localcloud.gcs.errors import Refusal, StorageError


class RunningChecksums:
    """Both checksums of a growing sequence of bytes."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32c = 0

    def update(self, piece: bytes | memoryview) -> None:
        """Add the next bytes."""
        self._md5.update(piece)
        self._crc32c = google_crc32c.extend(self._crc32c, bytes(piece) if isinstance(piece, memoryview) else piece)

    @property
    def crc32c(self) -> str:
        """Base64 of the big-endian 32 bits."""
        return base64.b64encode(self._crc32c.to_bytes(4, "big")).decode()

    @property
    def md5(self) -> str:
        """Base64 of the 16 bytes."""
        return base64.b64encode(self._md5.digest()).decode()


@dataclass(frozen=True)
class DeclaredChecksums:
    """The checksums that the client declared, in base64; None if not declared."""

    crc32c: str | None = None
    md5: str | None = None

    def and_headers(self, headers: Mapping[str, str]) -> "DeclaredChecksums":
        """Return these with what `x-goog-hash: crc32c=...,md5=...` and `Content-MD5` add.

        Raises:
            StorageError: 400 for a checksum that contradicts another one: the bytes cannot have both.
        """
        declared = self
        for value in _all(headers, "Content-MD5"):
            declared = declared._also("md5", value.strip())
        for value in _all(headers, "x-goog-hash"):
            for part in value.split(","):
                name, _, checksum = part.strip().partition("=")
                if name in {"crc32c", "md5"}:
                    declared = declared._also(name, checksum)
        return declared

    def _also(self, name: str, checksum: str) -> "DeclaredChecksums":
        known = getattr(self, name)
        if known not in {None, checksum}:
            raise StorageError(Refusal.BAD_DIGEST, f'Both "{known}" and "{checksum}" are given as the {name.upper()}.')
        return replace(self, **{name: checksum})

    def check(self, crc32c: str, md5: str | None) -> None:
        """Raises StorageError (400) when a declared checksum is not that of the bytes received."""
        for name, declared, actual in (("CRC32C", self.crc32c, crc32c), ("MD5", self.md5, md5)):
            if declared is not None and actual is not None and declared != actual:
                raise StorageError(
                    Refusal.BAD_DIGEST,
                    f'Provided {name} "{declared}" doesn\'t match calculated {name} "{actual}".',
                )


def _all(headers: Mapping[str, str], name: str) -> list[str]:
    """Every value of a header that may be repeated."""
    if isinstance(headers, MultiMapping):
        return list(headers.getall(name, []))
    return [headers[name]] if name in headers else []
