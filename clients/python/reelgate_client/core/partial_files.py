"""A file that is being fetched: beside its final name, until it is whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from reelgate_client.core.checksums import Crc32c, crc32c_of_file
from reelgate_client.core.local_files import local_error
from reelgate_client.errors import LocalFileError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks: two downloads of one file at once then fail their checksum
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".reelgate-part"
MAX_NAME_BYTES = 150
"""So much of a file's name is in the name of its partial file; file systems take 255 bytes."""
NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV})
"""What file systems without hard links answer, FAT for one."""


class PartialFile:
    """What has arrived of a file so far. `kept` bytes are in it, and `crc32c` is their checksum.

    Its name has the id of what is fetched: two videos of one name are not mixed, and no file of others is touched.
    """

    def __init__(self, target: Path, size: int, source_id: str) -> None:
        self.target = target
        name = os.fsencode(target.name)[:MAX_NAME_BYTES].decode(errors="ignore")
        self.path = target.with_name(f".{name}.{source_id}{SUFFIX}")
        self.size = size
        self.kept = 0
        self._checksum = Crc32c()
        self._file: BinaryIO | None = None

    @property
    def crc32c(self) -> str:
        """The checksum of what is kept."""
        return str(self._checksum)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against other processes of this machine.

        Raises:
            LocalFileError: another process fetches it, or it cannot be opened.
        """
        try:
            self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o666), "r+b", buffering=0)
        except OSError as error:
            raise local_error(error, self.path) from error
        try:
            if fcntl is not None:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise self._busy() from None
                if not self._is_in_place():  # another process has finished it since it was opened
                    raise self._busy()
            yield
        finally:
            self._file.close()
            self._file = None

    def open(self, resume: bool) -> int:
        """Return how many bytes of an earlier attempt are there; none without `resume`."""
        file = self._opened()
        try:
            if not resume or os.fstat(file.fileno()).st_size > self.size:
                self.restart()
                return 0
            file.seek(0)
            self._checksum = crc32c_of_file(file)
            self.kept = file.tell()
        except OSError as error:
            raise local_error(error, self.path) from error
        return self.kept

    def restart(self) -> None:
        """Begin anew."""
        file = self._opened()
        file.seek(0)
        file.truncate()
        self.kept, self._checksum = 0, Crc32c()

    def write(self, data: bytes) -> None:
        """Add bytes. Raises LocalFileError if there is no room; what was kept before stays."""
        file = self._opened()
        data = data[: self.size - self.kept]
        view = memoryview(data)
        try:
            while view:
                written = file.write(view)
                self._checksum.update(bytes(view[:written]))
                self.kept += written
                view = view[written:]
        except OSError as error:
            raise local_error(error, self.target) from error

    def finish(self, *, overwrite: bool = False) -> None:
        """Give it its final name; after a power cut it is whole, too.

        Raises:
            LocalFileError: a file of this name has appeared meanwhile. Both stay, unless `overwrite` says otherwise.
        """
        try:
            os.fsync(self._opened().fileno())
            if overwrite:
                self.path.replace(self.target)
            else:
                self._move()
        except FileExistsError as error:
            raise file_exists(self.target) from error
        except OSError as error:
            raise local_error(error, self.target) from error

    def _move(self) -> None:
        """Rename it, unless there is a file of that name; `rename` itself would replace it."""
        try:
            os.link(self.path, self.target)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            os.close(os.open(self.target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))  # takes the name
            self.path.replace(self.target)
        else:
            self.path.unlink()

    def drop(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._opened().fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def _busy(self) -> LocalFileError:
        return LocalFileError("file_busy", f"{self.target.name} is being fetched by another process.")

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("the file is not locked")
        return self._file


_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
"""A link of this name leads to a file of others."""


def file_exists(target: Path) -> LocalFileError:
    """Return the error of a name that another file has."""
    return LocalFileError("file_exists", f"{target} exists already, and is another file.")


def same_file(path: Path, size: int, crc32c: str) -> bool:
    """Return whether a file has this size and checksum."""
    try:
        if path.stat().st_size != size:
            return False
        with path.open("rb") as file:
            return str(crc32c_of_file(file)) == crc32c
    except OSError as error:
        raise local_error(error, path) from error


def check_room(target: Path, missing: int) -> None:
    """Raise LocalFileError if the disk has no room for as many bytes."""
    try:
        free = shutil.disk_usage(target.parent).free
    except OSError as error:
        raise local_error(error, target.parent) from error
    if free < missing:
        raise LocalFileError(
            "disk_full",
            f"{target.name} needs {missing / 1e6:,.1f} MB more, and this disk has {free / 1e6:,.1f} MB left. "
            "What has arrived is kept: run the same command again when there is room.",
        )
