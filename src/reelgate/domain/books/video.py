"""Videos, ready or in the trash, and the objects in the bucket that hold their bytes."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.files.names import name_key, object_name
from reelgate.domain.value_types import value_type

UPLOAD_ID_SETTING = "metadata.upload-id"
"""The only setting that every granted upload has, because its header is signed. Nothing depends on its value."""


@value_type
class StoredObject:
    """An object as the bucket describes it. `generation` grows with every write of the same name.

    `written_at` is when it was written; None if that was not requested. `settings` are the properties that its writer has
    set, with their values, sorted by name: `cacheControl`, `metadata.KEY`.
    """

    name: str
    generation: int
    size: int
    content_type: str
    crc32c: str
    content_encoding: str | None = None
    written_at: datetime | None = None
    settings: tuple[tuple[str, str], ...] = ()

    def settings_not_granted(self, upload_id: str) -> tuple[str, ...]:
        """Return the names of the settings that no grant allows: all except the upload id.

        A signature covers only the headers that it names. The holder of the URL may send others, and browsers do
        (`Cache-Control` from a page that requests fresh answers). If they were kept, every download would be served with them.
        """
        return tuple(name for name, value in self.settings if (name, value) != (UPLOAD_ID_SETTING, upload_id))


@value_type
class Video:
    """A finished video or sound file. `deleted_at` and `purge_at` are set while it is in the trash; `main_service_file_id` is
    its id in another service.
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

    @property
    def name_key(self) -> str:
        """The id of the document in which the video is stored, derived from its file name."""
        return name_key(self.filename)

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
