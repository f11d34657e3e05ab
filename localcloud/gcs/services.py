"""Everything the handlers work with, created once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from localcloud.gcs.admin.signing_accounts import SigningAccounts
from localcloud.gcs.admin.usage_logs.rows import UsageRows
from localcloud.gcs.admin.usage_logs.writer import UsageLogWriter
from localcloud.gcs.http.faults import Faults
from localcloud.gcs.store.buckets import Buckets
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.database import Database
from localcloud.gcs.store.events import EventFeed
from localcloud.gcs.store.generations import GenerationClock
from localcloud.gcs.store.keyring import KeyStore
from localcloud.gcs.store.objects import Objects
from localcloud.gcs.store.sessions import Sessions
from localcloud.gcs.uploads.resumable import ResumableUploads
from localcloud.gcs.v4.keys import KeyRing
from localcloud.gcs.v4.verifier import Verifier, utc_now


@dataclass(frozen=True)
class Services:
    """The parts of the emulator, for one data folder."""

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
    usage_rows: UsageRows
    usage_log_writer: UsageLogWriter

    @classmethod
    def open(cls, folder: Path, base_url: str, now: Callable[[], datetime] = utc_now) -> "Services":
        """Open or create a data folder and clear what a crash left in it.

        Args:
            base_url: scheme and host for the links inside events, which have no request to take them from.

        Raises:
            RuntimeError: another emulator uses this folder.
        """
        database = Database(folder)
        blobs = BlobFiles(folder / "blobs")
        buckets = Buckets(database, now)
        events = EventFeed(database, base_url)
        objects = Objects(database, buckets, blobs, events, GenerationClock(database, now))
        sessions = Sessions(database, blobs, now)
        ring = KeyRing()
        keys = KeyStore(database, ring)
        usage_rows = UsageRows(database, buckets, now)
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
            usage_rows=usage_rows,
            usage_log_writer=UsageLogWriter(usage_rows, objects, blobs, now),
        )
        services.sweep()
        return services

    def sweep(self) -> None:
        """Remove sessions over a week old and files that no record names. Call it only while nothing is being uploaded."""
        self.sessions.forget_old()
        open_sessions = [session.blob for session in self.sessions.all_open()]
        self.blobs.sweep([*self.objects.blobs_in_use(), *open_sessions])
