"""Lists of object names: prefix, delimiter, ranges and pages."""

import base64
import re
from dataclasses import dataclass, field

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.store.database import Database
from localcloud.gcs.store.metadata.records import StoredObject

LAST_CHARACTER = "\U0010ffff"
PAGE_LIMIT = 1000


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """What to list. `start_offset` is included, `end_offset` is not."""

    bucket: str
    prefix: str = ""
    delimiter: str = ""
    start_offset: str = ""
    end_offset: str = ""
    page_token: str = ""
    max_results: int = PAGE_LIMIT
    include_trailing_delimiter: bool = False
    glob: re.Pattern[str] | None = None


@dataclass
class Page:
    """Objects and common prefixes in order of name, and the start of the next page ("" if there is none)."""

    objects: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_page_token: str = ""

    def __len__(self) -> int:
        return len(self.objects) + len(self.prefixes)


def list_objects(database: Database, query: ListQuery) -> Page:
    """Return one page. The bucket must exist."""
    page = Page()
    position, inclusive = _start(query)
    while True:
        stored = _next_object(database, query, position, inclusive)
        if stored is None:
            return page
        if query.glob is not None and not query.glob.fullmatch(stored.name):
            position, inclusive = stored.name, False
            continue
        if len(page) == query.max_results:
            page.next_page_token = _token(position)
            return page
        folder = _common_prefix(stored.name, query)
        if folder is None:
            page.objects.append(stored)
            position, inclusive = stored.name, False
            continue
        page.prefixes.append(folder)
        if query.include_trailing_delimiter and stored.name == folder:
            page.objects.append(stored)
        position, inclusive = folder + LAST_CHARACTER, False


def _start(query: ListQuery) -> tuple[str, bool]:
    if query.page_token:
        return _position(query.page_token), False
    return max(query.prefix, query.start_offset), True


def _next_object(database: Database, query: ListQuery, position: str, inclusive: bool) -> StoredObject | None:
    comparison = ">=" if inclusive else ">"
    row = database.one(
        f"SELECT * FROM objects WHERE bucket = ? AND name {comparison} ? ORDER BY name LIMIT 1",  # noqa: S608 (a constant)
        (query.bucket, position),
    )
    if row is None or not row["name"].startswith(query.prefix):
        return None
    if query.end_offset and row["name"] >= query.end_offset:
        return None
    return StoredObject.from_row(row)


def _common_prefix(name: str, query: ListQuery) -> str | None:
    if not query.delimiter:
        return None
    at = name.find(query.delimiter, len(query.prefix))
    return None if at < 0 else name[: at + len(query.delimiter)]


def _token(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()


def _position(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except ValueError as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, "Invalid page token.") from error
