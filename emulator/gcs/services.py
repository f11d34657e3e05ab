"""Everything the handlers work with, joined once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emulator.gcs.admin.signing_accounts import SigningAccounts
from emulator.gcs.http.faults import Faults
from emulator.gcs.store.blobs import BlobFiles
from emulator.gcs.store.buckets import Buckets
from emulator.gcs.store.database import Database
from emulator.gcs.store.events import EventFeed
from emulator.gcs.store.generations import GenerationClock
from emulator.gcs.store.keyring import KeyStore
from emulator.gcs.store.objects import Objects
from emulator.gcs.store.sessions import Sessions
from emulator.gcs.uploads.resumable import ResumableUploads
from emulator.gcs.v4.keys import KeyRing
from emulator.gcs.v4.verifier import Verifier, utc_now


@dataclass(frozen=True)
class Services:
    """The parts of the emulator, over one data folder."""

    database: Database
    blobs: BlobFiles
    buckets: Buckets
    events: EventFeed
    objects: Objects
    sessions: Sessions
    uploads: ResumableUploads
    keys: KeyStore
    verifier: Verifier
    signing_accounts: SigningAccounts
    faults: Faults

    @classmethod
    def open(cls, folder: Path, base_url: str, now: Callable[[], datetime] = utc_now) -> "Services":
        """Open or create a data folder and clear what a crash left in it.

        Args:
            base_url: scheme and host for the links inside events, which answer no request.

        Raises:
            RuntimeError: another emulator works on this folder.
        """
        database = Database(folder)
        blobs = BlobFiles(folder / "blobs")
        buckets = Buckets(database, now)
        events = EventFeed(database, base_url)
        objects = Objects(database, buckets, blobs, events, GenerationClock(database, now))
        sessions = Sessions(database, blobs, now)
        ring = KeyRing()
        keys = KeyStore(database, ring)
        services = cls(
            database=database,
            blobs=blobs,
            buckets=buckets,
            events=events,
            objects=objects,
            sessions=sessions,
            uploads=ResumableUploads(sessions, objects, blobs),
            keys=keys,
            verifier=Verifier(ring, now),
            signing_accounts=SigningAccounts(database, keys),
            faults=Faults(),
        )
        services.sweep()
        return services

    def sweep(self) -> None:
        """Forget sessions over a week old and remove files that nothing names. Only while nothing is being uploaded."""
        self.sessions.forget_old()
        open_sessions = [session.blob for session in self.sessions.all_open()]
        self.blobs.sweep([*self.objects.blobs_in_use(), *open_sessions])
