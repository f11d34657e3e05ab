"""Users and books on disk: what Google's Firestore emulator and the Auth emulator hold in memory, saved together.

A snapshot is a folder `snapshots/NUMBER` in the state folder. It is written under another name, then renamed, so the
newest one can always be used, even if writing the next one failed.
"""

import http.client
import json
import os
import shutil
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from localcloud.auth.accounts import AuthEmulatorError, exported_users
from localcloud.supervisor.loopback import request
from localcloud.supervisor.ports import port_of
from localcloud.supervisor.services import google_emulators
from localcloud.supervisor.services.environment import MEDIA_DATABASE, PROJECT
from localcloud.supervisor.state.folder import StateFolder
from localcloud.supervisor.state.locks import held

SAVED = ("firestore", "auth")
FIRESTORE, MEDIA = "firestore", "firestore_media"  # folders, as the emulator exports them
DATABASES = {FIRESTORE: "(default)", MEDIA: MEDIA_DATABASE}
METADATA, MEDIA_METADATA = f"{FIRESTORE}.overall_export_metadata", f"{MEDIA}.overall_export_metadata"
USERS = "users.json"
WHEN = "snapshot.json"
KEPT = 2
EXPORT_TIMEOUT_SECONDS = 120


class SnapshotError(Exception):
    """Users and books could not be saved; earlier snapshots are unchanged."""


class Snapshots:
    """The snapshots of one local cloud. `say` is called with what users should know."""

    def __init__(self, state: StateFolder, say: Callable[[str], None]) -> None:
        self.folder = state.path.absolute() / "snapshots"
        self._base_port = state.base_port
        self._say = say
        self._starts = dict.fromkeys(SAVED, 0)

    @property
    def are_unsaved(self) -> bool:
        """Whether a cloud runs, or ran and ended without saving, whose users and books are newer than the newest snapshot."""
        return self._marker.exists()

    def begin(self) -> None:
        """Record that there is unsaved state from now on."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._marker.touch(mode=0o600)

    def end(self) -> None:
        """Record that everything has been saved."""
        self._marker.unlink(missing_ok=True)

    def newest(self) -> Path | None:
        """Return the newest snapshot, or None if there is none."""
        return max(self._whole(), key=_number, default=None)

    def taken_at(self) -> datetime | None:
        """Return the time of the newest snapshot, or None if there is none."""
        newest = self.newest()
        if newest is None:
            return None
        return datetime.fromisoformat(json.loads((newest / WHEN).read_text())["taken_at"])

    def firestore_arguments(self) -> tuple[str, ...]:
        """Return the arguments that make the Firestore emulator start with the newest snapshot's books: one database."""
        newest = self._resumed("firestore", FIRESTORE)
        return google_emulators.firestore_import(self.folder, newest / METADATA) if newest else ()

    def import_records(self, port: int) -> None:
        """Have a Firestore emulator that has just started import the newest snapshot's records of derived media.

        Raises:
            SnapshotError: it could not.
            OSError: it did not answer.
        """
        newest = self.newest()
        if newest is None or not (newest / MEDIA).exists():
            return
        metadata = google_emulators.firestore_import_path(self.folder, newest / MEDIA / MEDIA_METADATA)
        self._ask(port, "import", DATABASES[MEDIA], export_directory=metadata)

    def auth_arguments(self) -> tuple[str, ...]:
        """Return the arguments that make the Auth emulator start with the newest snapshot."""
        newest = self._resumed("auth", USERS)
        return (str(newest),) if newest else ()

    def take(self, names: Collection[str]) -> None:
        """Save the emulators of these names, which must be answering; the others keep the newest snapshot's state.

        Raises:
            SnapshotError: an emulator did not export its state, or the snapshot could not be written.
        """
        try:
            with held(self.folder / "lock"):
                self._take(names)
        except (OSError, ValueError, http.client.HTTPException, AuthEmulatorError) as error:
            raise SnapshotError(f"users and books could not be saved: {error}") from error

    def _take(self, names: Collection[str]) -> None:
        newest = self.newest()
        path = self.folder / f"{_number(newest) + 1 if newest else 1:06}"
        draft = path.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        for folder in DATABASES:
            if "firestore" in names:
                self._export_firestore(draft, folder)
            elif newest and (newest / folder).exists():
                shutil.copytree(newest / folder, draft / folder)
        if "auth" in names:
            (draft / USERS).write_text(json.dumps(exported_users(port_of("auth", self._base_port), PROJECT)))
        elif newest and (newest / USERS).exists():
            shutil.copy(newest / USERS, draft / USERS)
        (draft / WHEN).write_text(json.dumps({"taken_at": datetime.now(UTC).isoformat(timespec="seconds")}))
        _sync(draft)
        draft.rename(path)
        _sync_entry(self.folder)
        for old in sorted(self._whole(), key=_number)[:-KEPT]:
            shutil.rmtree(old)

    def _export_firestore(self, draft: Path, folder: str) -> None:
        port = port_of("firestore", self._base_port)
        target = google_emulators.firestore_export_folder(port, draft)
        self._ask(port, "export", DATABASES[folder], export_directory=str(target), export_name=folder)
        google_emulators.fetch_firestore_export(port, target / folder, draft)
        if not (draft / folder / f"{folder}.overall_export_metadata").exists():
            raise SnapshotError(f"the Firestore emulator exported nothing to {draft}")

    def _ask(self, port: int, method: str, database: str, **how: str) -> None:
        """As firebase-tools does it (src/emulator/hubExport.ts); the Firestore emulator has no other documentation of it."""
        path = f"/emulator/v1/projects/{PROJECT}:{method}"
        body = {"database": f"projects/{PROJECT}/databases/{database}", **how}
        answer = request(
            port, "POST", path, body=body, headers={"Authorization": "Bearer owner"}, timeout_seconds=EXPORT_TIMEOUT_SECONDS
        )
        if answer.status != HTTPStatus.OK:
            raise SnapshotError(f"the Firestore emulator's {method}: {answer.status} {answer.body.decode(errors='replace')}")

    def _resumed(self, name: str, content: str) -> Path | None:
        """Return what a service starts with; reports it unless this is the service's first start."""
        self._starts[name] += 1
        newest = self.newest()
        if self._starts[name] > 1:
            when = f"what was saved at {local_time(self.taken_at())}" if newest else "no data, because nothing had been saved"
            self._say(f"{name} begins again with {when}. What was written after that is lost.")
        return newest / content if newest and (newest / content).exists() else None

    def _whole(self) -> list[Path]:
        return [path for path in self.folder.glob("[0-9]*") if path.name.isdigit()]

    @property
    def _marker(self) -> Path:
        return self.folder / "unsaved"


def local_time(when: datetime | None) -> str:
    """Return a time in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}" if when else "no time"


def _number(path: Path) -> int:
    return int(path.name)


def _sync(folder: Path) -> None:
    """Flush everything in the folder to disk, so that a power loss after the renaming leaves no empty files."""
    for path, _, files in os.walk(folder):
        for name in files:
            _sync_entry(Path(path) / name)
        _sync_entry(Path(path))


def _sync_entry(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
