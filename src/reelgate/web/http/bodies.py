"""Bodies of requests: bounded in size, slowness and number, and as JSON objects."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive

from reelgate.domain import errors
from reelgate.domain.files.sizes import human_size

MAX_JSON_BYTES = 64 * 1024
GRACE_SECONDS = 5
"""How long a client may let us wait beyond the time that its bytes may take."""
MAX_SHOWN_CHARACTERS = 100
"""How much of a name that a client has sent an error repeats."""
WAIT_SECONDS = 10
RETRY_AFTER_SECONDS = 10
"""How long a body waits for its turn, and how long its client does after that."""

_SURROGATE = re.compile(r"\\u[dD]")


def bounded(request: Request, limit: int) -> Request:
    """Return the request with a body of at most `limit` bytes.

    Raises TooLarge if Content-Length says more; reading the body raises it as soon as more have arrived.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise errors.TooLarge(
            f"The request is too large: it may have at most {human_size(limit)}.", limit=limit, requested=int(announced)
        )
    return Request(request.scope, _limited(request.receive, limit))


def _limited(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise errors.TooLarge(f"The request is too large: it may have at most {human_size(limit)}.", limit=limit)
        return message

    return counted


def paced(request: Request, bytes_per_second: int, *, instead: str) -> Request:
    """Return the request with a body that must arrive at a least rate.

    Only the time that is spent waiting for the client counts, not what is done with its bytes. Reading the body raises
    RequestTooSlow once that is 5 seconds more than all bytes so far may take.

    Args:
        instead: what a client can do that is slower than that.
    """
    return Request(request.scope, _paced(request.receive, bytes_per_second, instead))


def _paced(receive: Receive, bytes_per_second: int, instead: str) -> Receive:
    received, waited = 0, 0.0

    async def timed() -> Message:
        nonlocal received, waited
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(GRACE_SECONDS + received / bytes_per_second - waited):
                message = await receive()
        except TimeoutError:
            hint = f"Send at least {human_size(bytes_per_second)} a second, or {instead}."
            raise errors.RequestTooSlow(
                "This file arrives too slowly. Try again with a better connection.", hint=hint
            ) from None
        waited += clock() - begun
        received += len(message.get("body", b""))
        return message

    return timed


class BodyTurns:
    """How many bodies an instance receives at once, in all and of one user. What waits is not read, and holds only a socket."""

    def __init__(self, at_once: int) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._users: dict[str, _UserTurns] = {}

    @asynccontextmanager
    async def turn(self, uid: str, *, per_user: int, instead: str) -> AsyncIterator[None]:
        """Hold a turn of a user, who has at most `per_user` at once; who waits for the own stands in nobody's way.

        Raises:
            Unavailable: no turn came within 10 seconds.
        """
        user = self._users.setdefault(uid, _UserTurns(per_user))
        user.interested += 1
        held: list[asyncio.Semaphore] = []
        try:
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    for turns in (user.turns, self._turns):
                        await turns.acquire()
                        held.append(turns)
            except TimeoutError:
                raise _no_turn(own=not held, instead=instead) from None
            yield
        finally:
            for turns in held:
                turns.release()
            user.interested -= 1
            if not user.interested:
                del self._users[uid]


class _UserTurns:
    """One user's turns, and how many bodies hold or want one: without any, nothing of the user is kept."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.interested = 0


def _no_turn(*, own: bool, instead: str) -> errors.Unavailable:
    detail = (
        "Other files of yours are still arriving. Send this one when they are done."
        if own
        else "Too many files are arriving at the moment. Send this one again."
    )
    return errors.Unavailable(
        detail, retry_after_seconds=RETRY_AFTER_SECONDS, hint=f"Wait as many seconds as `Retry-After` says, or {instead}."
    )


async def json_object(
    request: Request, *, may_be_empty: bool = False, missing: str | None = None, names_once: bool = False
) -> dict[str, Any]:
    """Return the body as a JSON object.

    Args:
        may_be_empty: an absent body counts as an empty object.
        missing: the short message about an absent body, where an older service has its own.
        names_once: refuse an object that has a name twice. Otherwise the last one counts, as it always has for the older
            services' clients.

    Raises:
        InvalidRequest: it is not a JSON object (RFC 8259, so NaN and Infinity are refused).
        TooLarge: it is larger than 64 KiB.
    """
    raw = await bounded(request, MAX_JSON_BYTES).body()
    if not raw.strip():
        if may_be_empty:
            return {}
        raise errors.InvalidRequest("The request is empty.", message=missing, hint="Send a JSON object.")
    try:
        text = raw.decode("utf-8-sig")
        body = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_with_names_once if names_once else None)
    except (ValueError, RecursionError) as error:
        where = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
        raise errors.InvalidRequest("The request cannot be read.", hint=f"The body is not JSON (UTF-8){where}.") from None
    if not isinstance(body, dict):
        raise errors.InvalidRequest("The request cannot be read.", hint="The body must be a JSON object.")
    if _SURROGATE.search(text):
        _check_unicode(body)
    return body


def _with_names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raises InvalidRequest if it has a name twice: readers differ in which one counts (RFC 8259)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        shown = next(name for name, count in counts.items() if count > 1)[:MAX_SHOWN_CHARACTERS]
        raise errors.InvalidRequest(f"The {errors.in_words(shown)} is given twice.", field=shown)
    return found


def _check_unicode(body: dict[str, Any]) -> None:
    """Raise InvalidRequest for an escaped half of a surrogate pair, which JSON's grammar allows (RFC 8259, section 8.2)."""
    for name, value in body.items():
        try:
            json.dumps({name: value}, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            shown = name[:MAX_SHOWN_CHARACTERS].encode(errors="replace").decode()
            hint = "A \\u escape is only half of a character. Send both halves, or plain UTF-8."
            raise errors.InvalidRequest(
                f"The {errors.in_words(shown)} has half of a character.", field=shown, hint=hint
            ) from None


def _no_constant(name: str) -> None:
    raise ValueError(name)
