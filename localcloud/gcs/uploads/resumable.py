"""The resumable protocol: bytes in order, the exact number of bytes kept, and one commit at the end.

Source: Cloud Storage documentation, "Resumable uploads" and "Perform resumable uploads".
"""

from collections import OrderedDict
from typing import NoReturn

from localcloud.gcs.errors import ClientGoneError, Refusal, StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.store.content.blob_writer import QUANTUM_BYTES, BlobWriter, whole_quanta
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.metadata.records import Content, StoredObject
from localcloud.gcs.store.objects import Objects
from localcloud.gcs.store.sessions import Session, Sessions, State
from localcloud.gcs.uploads.content_range import ContentRange, parse_content_range
from localcloud.gcs.uploads.object_headers import metadata_headers

IDLE_WRITERS_LIMIT = 128
# Word for word what Google's own test of its Python client expects, now and for every later request to the session
# (googleapis/python-storage, tests/resumable_media/system/requests/test_upload.py).
BAD_CHUNK = (
    "Invalid request.  The number of bytes uploaded is required to be equal or greater than {quantum}, except for the "
    "final request (it's recommended to be the exact multiple of {quantum}).  The received request contained {received} "
    "bytes, which does not meet this requirement."
)


class ResumableUploads:
    """Moves bytes from requests into sessions and finished sessions into objects."""

    def __init__(self, sessions: Sessions, objects: Objects, blobs: BlobFiles) -> None:
        self._sessions = sessions
        self._objects = objects
        self._blobs = blobs
        self._idle: OrderedDict[str, Session] = OrderedDict()

    async def put(self, session: Session, call: Call) -> StoredObject | int:
        """Store the request's bytes; return the object once it is complete, else the number of bytes kept.

        Raises:
            StorageError: 400 for an invalid range or a mismatch, 409 when another request took over, 412 for an
                unmet precondition at commit.
            ClientGoneError: the connection broke; bytes that arrived are kept.
        """
        if session.outcome is not None:
            return session.outcome
        part = await self._read_range(session, call)
        if part.is_status_query:
            if call.content_length or (call.content_length is None and await call.body.has_bytes()):
                raise StorageError(Refusal.INVALID_ARGUMENT, "A request with Content-Range: bytes */... must be empty.")
            return await self._answer_query(session, call, part)
        if session.active is not None:
            session.active.interrupt(StorageError(Refusal.UPLOAD_TAKEN_OVER))
        async with session.lock:
            session.active = call.body
            try:
                return await self._take_bytes(session, call, part)
            finally:
                session.active = None

    async def cancel(self, session: Session) -> None:
        """End the session and drop its bytes; a finished one stays finished."""
        if session.active is not None:
            session.active.interrupt(StorageError(Refusal.UPLOAD_GONE))
        async with session.lock:
            if session.outcome is None:
                self._end(session, State.CANCELLED)

    def kept_bytes(self, session: Session) -> int:
        """Bytes safely kept so far."""
        if session.outcome is not None:
            return session.outcome.content.size
        if session.writer is not None:
            return session.writer.kept_bytes
        path = self._blobs.path(session.blob)
        return whole_quanta(path.stat().st_size) if path.exists() else 0

    async def _read_range(self, session: Session, call: Call) -> ContentRange:
        header = call.headers.get("Content-Range")
        if header is None:
            length = call.content_length
            return ContentRange(0, None if length is None else length - 1, length)
        try:
            part = parse_content_range(header)
        except ValueError as error:
            await self._fail(session, str(error))
        await self._check_total(session, part.total)
        if part.is_status_query or part.open_ended:
            return part
        if call.content_length not in {None, part.length}:
            raise StorageError(
                Refusal.INVALID_ARGUMENT, f"Content-Range covers {part.length} bytes, the body has {call.content_length}."
            )
        end = (part.last or 0) + 1
        if end != part.total and part.length % QUANTUM_BYTES and end % QUANTUM_BYTES:
            session.complaint = BAD_CHUNK.format(quantum=QUANTUM_BYTES, received=part.length)
            await self._fail(session, session.complaint)
        return part

    async def _answer_query(self, session: Session, call: Call, part: ContentRange) -> StoredObject | int:
        if session.active is not None and session.active.connected:
            return self.kept_bytes(session)
        async with session.lock:
            session.check_alive()
            if session.outcome is None and part.total is not None and part.total == self.kept_bytes(session):
                await self._open_writer(session)
                return await self._finish(session, call)
            return session.outcome or self.kept_bytes(session)

    async def _take_bytes(self, session: Session, call: Call, part: ContentRange) -> StoredObject | int:
        session.check_alive()
        if session.outcome is not None:
            return session.outcome
        await self._check_total(session, part.total, locked=True)
        writer = await self._open_writer(session)
        first = part.first or 0
        if first > writer.kept_bytes:
            details = f"The bytes must continue at {writer.kept_bytes}, not at {first}."
            raise StorageError(Refusal.INVALID_ARGUMENT, details, plain=True)
        try:
            end = await _append_body(writer, call, first, part)
        except (ClientGoneError, StorageError):
            await writer.settle()
            raise
        except OSError:
            # The state on disk is unknown now: the next request reads it from the file, not from memory.
            self._close_writer(session)
            raise
        total = part.total if part.total is not None else session.total
        if call.headers.get("Content-Range") is None or (part.open_ended and part.total is None):
            total = end
            await self._check_total(session, total, locked=True)
        if total is not None and writer.received_bytes == total:
            return await self._finish(session, call)
        await writer.settle()
        self._limit_idle(session)
        return writer.kept_bytes

    async def _check_total(self, session: Session, total: int | None, *, locked: bool = False) -> None:
        """A total that contradicts the declared size, an earlier total or the bytes kept ends the session."""
        if total is None:
            return
        expected = session.terms.declared_size if session.terms.declared_size is not None else session.total
        if expected is not None and total != expected:
            await self._fail(session, f"The total of {total} bytes is not the {expected} declared before.", locked)
        if total < self.kept_bytes(session):
            await self._fail(session, f"{self.kept_bytes(session)} bytes are kept, more than {total}.", locked)
        if session.total is None:
            session.total = total
            self._sessions.save(session)

    async def _open_writer(self, session: Session) -> BlobWriter:
        if session.writer is None:
            session.writer = await BlobWriter.open(self._blobs.path(session.blob))
        return session.writer

    async def _finish(self, session: Session, call: Call) -> StoredObject:
        writer = await self._open_writer(session)
        terms = session.terms
        fields = dict(terms.fields)
        if extra := metadata_headers(call.headers):
            fields["metadata"] = {**fields.get("metadata", {}), **extra}

        def mark_finished(stored: StoredObject) -> None:
            session.state, session.outcome = State.FINISHED, stored
            self._sessions.save(session)

        try:
            await writer.finish()
            content = Content(session.blob, writer.kept_bytes, writer.crc32c, writer.md5)
            terms.checksums.and_headers(call.headers).check(content.crc32c, content.md5)
            stored = self._objects.commit(terms.bucket, terms.name, content, fields, terms.conditions, mark_finished)
        except (StorageError, OSError):
            session.outcome = None
            self._end(session, State.FAILED)
            raise
        self._close_writer(session)
        return stored

    async def _fail(self, session: Session, details: str, locked: bool = False) -> NoReturn:
        if not locked:
            if session.active is not None:
                session.active.interrupt(StorageError(Refusal.UPLOAD_GONE))
            async with session.lock:
                if session.state is State.OPEN:
                    self._end(session, State.FAILED)
        else:
            self._end(session, State.FAILED)
        raise StorageError(Refusal.INVALID_ARGUMENT, details, plain=True)

    def _end(self, session: Session, state: State) -> None:
        session.state = state
        self._sessions.save(session)
        self._close_writer(session)
        self._blobs.discard(session.blob)

    def _limit_idle(self, session: Session) -> None:
        """Keep files and checksums of the sessions used last in memory; others are read again when they continue."""
        self._idle[session.id] = session
        self._idle.move_to_end(session.id)
        while len(self._idle) > IDLE_WRITERS_LIMIT:
            _, oldest = self._idle.popitem(last=False)
            if not oldest.lock.locked():
                self._close_writer(oldest)

    def _close_writer(self, session: Session) -> None:
        self._idle.pop(session.id, None)
        if session.writer is not None:
            session.writer.close()
            session.writer = None


async def _append_body(writer: BlobWriter, call: Call, first: int, part: ContentRange) -> int:
    """Append the new bytes of the body and return the offset after its last byte."""
    position = first
    async for piece in call.body.pieces():
        end = position + len(piece)
        if part.limit is not None and end > part.limit:
            raise StorageError(Refusal.INVALID_ARGUMENT, "The body is longer than its Content-Range.")
        known = writer.received_bytes - position
        if known < len(piece):
            await writer.append(memoryview(piece)[known:] if known else piece)
        position = end
    return position
