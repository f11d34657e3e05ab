"""Reelgate from Python: `Reelgate` for plain calls, `AsyncReelgate` for asyncio. Both have the same methods."""

from reelgate_client.aio.api import pages as async_pages
from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.core.credentials import MemoryStore, Session, SessionStore
from reelgate_client.core.progress import Progress, Stage
from reelgate_client.core.retries import RetryPolicy
from reelgate_client.errors import (
    ChecksumMismatch,
    Conflict,
    FileChanged,
    LimitReached,
    LocalFileError,
    NotFound,
    NotReachable,
    NotSignedIn,
    ReelgateError,
    Refused,
    TransferError,
    UnexpectedAnswer,
    UploadEnded,
)
from reelgate_client.sync.api import pages
from reelgate_client.sync.client import Reelgate

__version__ = "0.2.0"

__all__ = [
    "AsyncReelgate",
    "ChecksumMismatch",
    "Conflict",
    "FileChanged",
    "LimitReached",
    "LocalFileError",
    "MemoryStore",
    "NotFound",
    "NotReachable",
    "NotSignedIn",
    "Progress",
    "Reelgate",
    "ReelgateError",
    "Refused",
    "RetryPolicy",
    "Session",
    "SessionStore",
    "Stage",
    "TransferError",
    "UnexpectedAnswer",
    "UploadEnded",
    "async_pages",
    "pages",
]
