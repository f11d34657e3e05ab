"""Videos, ready or in the trash, and the objects in the bucket that hold their bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from reelgate.domain.books.account import NameClaim, OpenUpload
from reelgate.domain.books.captions import Captions, CaptionsKey, total_size
from reelgate.domain.files.folded_text import fold
from reelgate.domain.files.names import object_name
from reelgate.domain.value_types import positional_value_type, value_type

UPLOAD_ID_SETTING = "metadata.upload-id"
"""The only setting that every granted upload has, because its header is signed. Nothing depends on its value."""


MAX_TITLE_KEY_CHARACTERS = 100
"""Of longer titles, only the beginning decides about the order: a key is part of cursors, and of an index entry."""

VideoField = Literal["uploaded_at", "title_key", "size"]


@positional_value_type
class VideoOrder:
    """By which of its fields a list of videos is ordered. Videos with the same value are ordered by their ids."""

    field: VideoField
    descending: bool


NEWEST_FIRST = VideoOrder("uploaded_at", True)


@value_type
class StoredObject:
    """An object as the bucket describes it. `generation` grows with every write of the same name.

    `written_at` is when it was written; None if that was not requested. `settings` are the properties that its writer has
    set, with their values, sorted by name: `cacheControl`, `metadata.KEY`. `custom_time` is set on placeholders.
    """

    name: str
    generation: int
    size: int
    content_type: str
    crc32c: str
    content_encoding: str | None = None
    written_at: datetime | None = None
    settings: tuple[tuple[str, str], ...] = ()
    custom_time: datetime | None = None

    @property
    def is_placeholder(self) -> bool:
        """Whether this empty object keeps the name of a closed upload, so that its grant cannot be used any more.

        Nobody writes one through a grant: its URLs sign no `x-goog-custom-time`, and Cloud Storage refuses unsigned headers of
        that kind (Cloud Storage docs, "Canonical requests").
        """
        return self.size == 0 and self.custom_time is not None

    def settings_not_granted(self, upload_id: str) -> tuple[str, ...]:
        """Return the names of the settings that no grant allows: all except the upload id.

        A signature covers only the headers that it names. The holder of the URL may send others, and browsers do
        (`Cache-Control` from a page that requests fresh answers). If they were kept, every download would be served with them.
        """
        return tuple(name for name, value in self.settings if (name, value) != (UPLOAD_ID_SETTING, upload_id))


@value_type
class Video:
    """A finished video or sound file. `deleted_at` and `purge_at` are set while it is in the trash; `main_service_file_id` is
    its id in another service. `first_purge_at` is set once it was restored: when it would have been purged. `captions` are
    sorted by their languages.

    `grant_series` is how often all its playback grants have ended together. A grant of an earlier series is over.
    """

    uid: str
    file_id: str
    filename: str
    size: int
    content_type: str
    crc32c: str
    generation: int
    uploaded_at: datetime
    created_at: datetime
    title: str | None = None
    deleted_at: datetime | None = None
    purge_at: datetime | None = None
    main_service_file_id: int | str | None = None
    first_purge_at: datetime | None = None
    captions: tuple[Captions, ...] = ()
    grant_series: int = 0

    @property
    def claim(self) -> NameClaim:
        """The claim of the video's name, which exists unless the video is in the trash."""
        return NameClaim.of(self.filename, self.file_id)

    @property
    def stored_bytes(self) -> int:
        """What it takes of its owner's storage, or of the trash: its object and its captions."""
        return self.size + total_size(self.captions)

    @property
    def caption_keys(self) -> tuple[CaptionsKey, ...]:
        """The keys of the texts of its captions."""
        return tuple(CaptionsKey(self.file_id, one.language) for one in self.captions)

    @property
    def title_key(self) -> str:
        """What lists by title are ordered by: the beginning of the title, or of the file name without one, folded."""
        return fold(self.title or self.filename)[:MAX_TITLE_KEY_CHARACTERS]

    @property
    def object_name(self) -> str:
        """The name of the object that holds the bytes."""
        return object_name(self.uid, self.file_id, self.filename)

    def same_content(self, found: StoredObject) -> bool:
        """Return whether an object has this video's name, size, checksum and type, in any generation."""
        ours = (self.object_name, self.size, self.crc32c, self.content_type)
        theirs = (found.name, found.size, found.crc32c, found.content_type.lower())
        return ours == theirs and not found.content_encoding


def mismatch(upload: OpenUpload, found: StoredObject) -> str | None:
    """Return how an object differs from its grant (in size, type, checksum or encoding), or None if it does not.

    Content encodings are refused because Cloud Storage would decompress the object when it is read, and ignore ranges
    (Cloud Storage docs, "Transcoding of gzip-compressed files").
    """
    if upload.chunked and upload.sealed_chunks is None:
        return "its chunks are not complete"
    if found.size != upload.size:
        return f"size is {found.size} bytes, granted were {upload.size}"
    if found.content_type.lower() != upload.content_type:
        return f"content type is {found.content_type or 'missing'}, granted was {upload.content_type}"
    if upload.crc32c is not None and found.crc32c != upload.crc32c:
        return f"CRC32C is {found.crc32c}, announced was {upload.crc32c}"
    if found.content_encoding:
        return f"content encoding {found.content_encoding} is not allowed on videos"
    return None
