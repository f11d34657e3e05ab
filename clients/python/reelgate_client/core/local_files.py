"""Files on this machine: what is sent is read here, what is fetched is written here."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reelgate_client.core.checksums import READ_BYTES, Crc32c, crc32c_of_file
from reelgate_client.errors import FileChanged, LocalFileError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Checksums:
    """CRC32C of a whole file, and of each of its parts."""

    whole: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file as it was when it was looked at. Every read checks that it is still that file."""

    path: Path
    size: int
    modified_ns: int

    @classmethod
    def look_at(cls, path: Path | str) -> LocalFile:
        """Return a file's present state.

        Raises:
            LocalFileError: there is no such file, it is a folder, or it may not be read.
        """
        path = Path(path)
        try:
            with path.open("rb") as file:
                state = os.fstat(file.fileno())
        except OSError as error:
            raise local_error(error, path) from error
        if state.st_size == 0:
            raise LocalFileError("file_empty", f"{path.name} is empty.")
        return cls(path, state.st_size, state.st_mtime_ns)

    def checksums(self, part_size: int | None = None) -> Checksums:
        """Read the whole file once and return its checksums.

        Raises:
            FileChanged, LocalFileError.
        """
        whole, parts = Crc32c(), []
        try:
            with self.path.open("rb") as file:
                self._check(os.fstat(file.fileno()))
                if part_size is None:
                    whole = crc32c_of_file(file)
                else:
                    for _ in range(0, self.size, part_size):
                        part = _extend_both(whole, file, part_size)
                        parts.append(str(part))
                self._check(os.fstat(file.fileno()))
        except OSError as error:
            raise local_error(error, self.path) from error
        return Checksums(str(whole), tuple(parts))

    def read(self, first: int, length: int) -> bytes:
        """Return the bytes from `first` on.

        Raises:
            FileChanged, LocalFileError.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(first)
                data = file.read(length)
                self._check(os.fstat(file.fileno()))
        except OSError as error:
            raise local_error(error, self.path) from error
        if len(data) != length:
            raise _changed(self.path)
        return data

    def _check(self, state: os.stat_result) -> None:
        if (state.st_size, state.st_mtime_ns) != (self.size, self.modified_ns):
            raise _changed(self.path)


def local_error(error: OSError, path: Path) -> LocalFileError:
    """Return an operating system's error in words."""
    if error.errno in NO_ROOM:
        return LocalFileError(
            "disk_full", f"There is no room left for {path.name} on this disk. What has arrived is kept.", hint=str(error)
        )
    if error.errno == errno.ENOENT:
        return LocalFileError("file_missing", f"There is no file {path}.")
    if error.errno == errno.EISDIR:
        return LocalFileError("file_is_folder", f"{path} is a folder.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return LocalFileError("file_forbidden", f"{path} may not be opened: permission denied.")
    return LocalFileError("file_error", f"{path}: {error.strerror or error}.")


def _extend_both(whole: Crc32c, file: BinaryIO, length: int) -> Crc32c:
    part, left = Crc32c(), length
    while left and (data := file.read(min(READ_BYTES, left))):
        whole.update(data)
        part.update(data)
        left -= len(data)
    return part


def _changed(path: Path) -> FileChanged:
    return FileChanged("file_changed", f"{path.name} was changed while it was being sent.")
