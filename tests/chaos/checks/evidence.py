"""Everything that is there: documents by Firestore's REST API, objects and their history, mails and webhooks."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp

from localcloud.supervisor.services.environment import PROJECT
from tests.chaos.cloud.chaos_cloud import ChaosCloud
from tests.chaos.cloud.postbox import Postbox

DATABASES = ("(default)", "reelgate-media")
GROUPS = (
    *("users", "uploads", "names", "videos", "trash", "captions", "entries", "days", "egress", "media", "preferences"),
    *("outbox", "audit", "deliveries", "erased", "usernames", "attempts", "api_keys", "grants"),
)
"""All collections, wherever they lie. A new one is found by `unknown_collections`, which the checker reports."""

PAGE = 2000
OWNER = {"Authorization": "Bearer owner"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document: the collections and ids of its path from the root, and its fields."""

    path: tuple[str, ...]
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The last id."""
        return self.path[-1]

    @property
    def uid(self) -> str:
        """The user under whom it lies; empty if it lies under none."""
        return self.path[1] if self.path[0] == "users" else ""

    @property
    def stored_bytes(self) -> int:
        """What an upload or a video takes of its owner's storage: its own bytes, and those of a video's captions."""
        return int(self.fields["size"]) + sum(int(one["size"]) for one in self.fields.get("captions", ()))


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it is now."""

    name: str
    size: int
    generation: int
    crc32c: str
    is_placeholder: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object that was finalized, at some time."""

    name: str
    size: int
    at: datetime
    composed: bool


@dataclass
class Evidence:
    """What was found, at one time."""

    now: datetime
    documents: dict[str, list[Document]] = field(default_factory=dict)
    unknown_collections: set[str] = field(default_factory=set)
    media: dict[str, StoredObject] = field(default_factory=dict)
    derived: dict[str, StoredObject] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    mails: Sequence[Mapping[str, Any]] = ()
    webhooks: Sequence[Mapping[str, Any]] = ()
    webhook_secret: str = ""
    directory: set[str] = field(default_factory=set)

    @property
    def media_records(self) -> list[Document]:
        """The records of derived media. What a purged file has taken of its day's seconds stays beside them for a while."""
        return [one for one in self.documents["media"] if "audio" in one.fields]

    def by_user(self, group: str) -> Mapping[str, list[Document]]:
        """Return a collection's documents by user."""
        found: defaultdict[str, list[Document]] = defaultdict(list)
        for one in self.documents[group]:
            found[one.uid].append(one)
        return found


async def collect(cloud: ChaosCloud, http: aiohttp.ClientSession, postbox: Postbox) -> Evidence:
    """Read everything."""
    found = Evidence(cloud.clock.now())
    for group in GROUPS:
        found.documents[group] = await query(cloud, http, group)
    found.unknown_collections = await _collections(cloud, http) - set(GROUPS)
    bucket = cloud.env["REELGATE_MEDIA_BUCKET"]
    found.media = await _objects(cloud, http, bucket)
    found.derived = await _objects(cloud, http, f"{bucket}-derived")
    found.arrivals = await _arrivals(cloud, http, bucket)
    await postbox.look()
    found.mails, found.webhooks = list(postbox.mails.values()), list(postbox.webhooks.values())
    found.webhook_secret = postbox.secret
    users = f"http://{cloud.env['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}"
    listed = await _get(http, f"{users}/accounts:batchGet?maxResults=-1", headers=OWNER)
    found.directory = {user["localId"] for user in listed.get("users", [])}
    return found


async def query(cloud: ChaosCloud, http: aiohttp.ClientSession, group: str) -> list[Document]:
    """Return all documents of all collections with this name, in all databases."""
    found: list[Document] = []
    for database in DATABASES:
        cursor: str | None = None
        while True:
            structured: dict[str, Any] = {
                "from": [{"collectionId": group, "allDescendants": True}],
                "orderBy": [{"field": {"fieldPath": "__name__"}}],
                "limit": PAGE,
            }
            if cursor:
                structured["startAt"] = {"values": [{"referenceValue": cursor}], "before": False}
            url = f"{_documents(cloud, database)}:runQuery"
            rows = await _post(http, url, {"structuredQuery": structured})
            page = [row["document"] for row in rows if "document" in row]
            found += [_document(one) for one in page]
            if len(page) < PAGE:
                break
            cursor = page[-1]["name"]
    return found


async def collections_of(cloud: ChaosCloud, http: aiohttp.ClientSession, path: str) -> set[str]:
    """Return the names of the collections under a document (`/users/UID`), or at the root (empty)."""
    names: set[str] = set()
    for database in DATABASES:
        answer = await _post(http, f"{_documents(cloud, database)}{path}:listCollectionIds", {"pageSize": 300})
        names |= set(answer.get("collectionIds", []))
    return names


async def _collections(cloud: ChaosCloud, http: aiohttp.ClientSession) -> set[str]:
    names = await collections_of(cloud, http, "")
    for user in await query(cloud, http, "users"):
        names |= await collections_of(cloud, http, f"/users/{quote(user.id)}")
    return names


def _documents(cloud: ChaosCloud, database: str) -> str:
    return f"http://{cloud.env['FIRESTORE_EMULATOR_HOST']}/v1/projects/{PROJECT}/databases/{database}/documents"


def _document(row: Mapping[str, Any]) -> Document:
    path = row["name"].partition("/documents/")[2].split("/")
    return Document(tuple(path), {name: _value(value) for name, value in row.get("fields", {}).items()})


def _value(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    match kind:
        case "integerValue":
            return int(content)
        case "timestampValue":
            return datetime.fromisoformat(content)
        case "mapValue":
            return {name: _value(one) for name, one in content.get("fields", {}).items()}
        case "bytesValue":
            return base64.b64decode(content)
        case "arrayValue":
            return [_value(one) for one in content.get("values", [])]
        case "nullValue":
            return None
    return content


async def _objects(cloud: ChaosCloud, http: aiohttp.ClientSession, bucket: str) -> dict[str, StoredObject]:
    found: dict[str, StoredObject] = {}
    token = ""
    while True:
        url = f"{cloud.env['STORAGE_EMULATOR_HOST']}/storage/v1/b/{bucket}/o?maxResults=1000&pageToken={quote(token)}"
        page = await _get(http, url)
        for one in page.get("items", []):
            size, placeholder = int(one["size"]), "customTime" in one and one["size"] == "0"
            found[one["name"]] = StoredObject(
                one["name"], size, int(one["generation"]), one.get("crc32c", ""), is_placeholder=placeholder
            )
        token = page.get("nextPageToken", "")
        if not token:
            return found


async def _arrivals(cloud: ChaosCloud, http: aiohttp.ClientSession, bucket: str) -> list[Arrival]:
    found: list[Arrival] = []
    after = 0
    while True:
        page = await _get(http, f"{cloud.env['STORAGE_EMULATOR_HOST']}/_emulator/events?after={after}&limit=1000")
        for event in page["events"]:
            if event["bucket"] == bucket and event["type"].endswith(".finalized"):
                about = event["data"]
                composed = "componentCount" in about
                found.append(Arrival(event["name"], int(about["size"]), datetime.fromisoformat(event["time"]), composed))
        if not page["events"]:
            return found
        after = page["last_id"]


async def _get(http: aiohttp.ClientSession, url: str, headers: Mapping[str, str] | None = None) -> Any:
    async with http.get(url, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.json()


async def _post(http: aiohttp.ClientSession, url: str, body: object) -> Any:
    async with http.post(url, json=body, headers=OWNER) as answer:
        answer.raise_for_status()
        return await answer.json()
