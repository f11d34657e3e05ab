"""Counts what Google would bill, by looking at what really leaves this process.

Two places see everything that the functions ask of Google: our client, which calls Firestore's and Pub/Sub's REST APIs, and
urllib3, through which google-cloud-storage calls its JSON API. Which storage operation is of which class: Cloud Storage docs,
"Pricing", "Operations".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import urllib3

from reelgate.adapters.google.connections import Server
from reelgate.adapters.google.http_connection import Answer

KINDS = ("reads", "writes", "deletes", "class_a", "class_b", "published", "invocations")
_FIRESTORE = re.compile(r"/documents(?:/[^:]*)?:(batchGet|runQuery|commit|runAggregationQuery)$")
_PUBLISH = re.compile(r"/topics/([^/:]+):publish$")
_STORAGE = re.compile(r"^/(upload/|download/|batch/)?storage/v1(/|\?|$)")


@dataclass
class Meter:
    """What was counted so far. A request is only kept while it is noted, and parsed when the counts are asked for, so that
    the CPU time of a function that is being measured has no part of that.
    """

    _counts: Counter[str] = field(default_factory=Counter)
    _messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _noted: list[tuple[str, str, bytes, int, bytes]] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """How many of each kind there were."""
        self._count_noted()
        return self._counts

    @property
    def messages(self) -> list[tuple[str, dict[str, Any]]]:
        """The messages that were published, as (topic id, message)."""
        self._count_noted()
        return self._messages

    def note(self, method: str, target: str, body: bytes, status: int, content: bytes) -> None:
        """Count one request that was answered."""
        self._noted.append((method, target, body, status, content))

    def _count_noted(self) -> None:
        noted, self._noted = self._noted, []
        for request in noted:
            self._count(*request)

    def _count(self, method: str, target: str, body: bytes, status: int, content: bytes) -> None:
        path = target.partition("?")[0]
        if found := _FIRESTORE.search(path):
            self._firestore(found[1], json.loads(body), status, content)
        elif found := _PUBLISH.search(path):
            sent = json.loads(body)["messages"]
            self._counts["published"] += len(sent)
            self._messages += [(found[1], message) for message in sent]
        elif _STORAGE.search(path):
            self.storage(method, target, body)

    def storage(self, method: str, target: str, body: bytes = b"") -> None:
        """Count a storage operation: deleting is free, reading one object is class B, all else (also listing) class A.

        A resumable upload is one operation, so what is sent to its session is not counted again.
        """
        path = target.partition("?")[0]
        if "upload_id=" in target:
            return
        if path.startswith("/batch/"):
            self._counts["class_a"] += len(re.findall(rb"^(POST|PUT|PATCH) ", body, re.MULTILINE))
            self._counts["class_b"] += len(re.findall(rb"^GET ", body, re.MULTILINE))
        elif method in {"GET", "HEAD"} and not path.endswith("/o"):
            self._counts["class_b"] += 1
        elif method != "DELETE":
            self._counts["class_a"] += 1

    def _firestore(self, call: str, sent: dict[str, Any], status: int, content: bytes) -> None:
        if status != 200:
            return
        if call == "batchGet":  # looking for a missing document is a read, too
            self._counts["reads"] += len(sent["documents"])
        elif call == "commit":
            deletes = sum("delete" in write for write in sent["writes"])
            self._counts["deletes"] += deletes
            verified = sum("verify" in write for write in sent["writes"])  # nothing is written: a document is looked for
            self._counts["reads"] += verified
            self._counts["writes"] += len(sent["writes"]) - deletes - verified
        else:  # a query costs at least one read
            self._counts["reads"] += max(1, sum("document" in part for part in json.loads(content)))

    @contextmanager
    def watching(self) -> Iterator[Meter]:
        """Count every request of this process while inside."""
        original, original_call = urllib3.HTTPConnectionPool.urlopen, Server.call

        async def call(server: Server, method: str, target: str, *, body: bytes | None = None, **options: Any) -> Answer:
            answer = await original_call(server, method, target, body=body, **options)
            self.note(method, target, body or b"", answer.status, answer.body)
            return answer

        def urlopen(pool: Any, method: str, url: str, body: Any = None, *more: Any, **options: Any) -> Any:
            answer = original(pool, method, url, body, *more, **options)
            sent = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
            preloaded = options.get("preload_content", True)
            self.note(method, url, sent, answer.status, answer.data if preloaded else b"")
            return answer

        urllib3.HTTPConnectionPool.urlopen = urlopen  # type: ignore[method-assign, assignment]
        Server.call = call  # type: ignore[method-assign, assignment]
        try:
            yield self
        finally:
            urllib3.HTTPConnectionPool.urlopen = original  # type: ignore[method-assign]
            Server.call = original_call  # type: ignore[method-assign]
