"""Concatenates files."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from localcloud.gcs.store.content.blobs import COPY_BYTES
from localcloud.gcs.store.content.checksums import RunningChecksums


def concatenate(files: Sequence[BinaryIO], target: Path) -> tuple[int, str]:
    """Write all files into `target`, close them, and return its size in bytes and CRC32C (blocking)."""
    checksums = RunningChecksums()
    size = 0
    with ExitStack() as stack, target.open("wb", buffering=0) as whole:
        for file in files:
            stack.enter_context(file)
        for file in files:
            while piece := file.read(COPY_BYTES):
                whole.write(piece)
                checksums.update(piece)
                size += len(piece)
    return size, checksums.crc32c
