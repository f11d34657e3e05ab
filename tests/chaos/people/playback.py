"""What owners and viewers do with shared videos: make links and end them, and play by leases, by long URLs and as files."""

from __future__ import annotations

from typing import Any

from tests.chaos.people.person import Answer, Person

OVER = {403, 404, 409, 410}
"""What a viewer may be told at any time: the day is used up, the user is deleted, there are no playlists, the grant is over."""
LEASES = 4


async def share(person: Person) -> None:
    """Make a link, with bounds of its own or without."""
    if (video_id := person.any_of(person.ready)) is None:
        return
    chance = person.chance
    body = {"label": "chaos", **chance.choice([{}, {"seconds": 60}, {"max_plays": 2}, {"max_bytes": 30_000}])}
    headers = {"Idempotency-Key": f"{chance.getrandbits(64):x}"}
    tokens = set()
    for _ in range(chance.choice([1, 1, 2])):  # the same request twice is one grant
        answer = await person.call("POST", f"/v1/videos/{video_id}/grants", body, expect={201, 403, 404, 409}, headers=headers)
        if answer.ok:
            tokens.add(answer.body["token"])
            person.links[answer.body["grant_id"]] = answer.body["token"]
    if len(tokens) > 1:
        person.journal.surprise(f"one key, two grants of {video_id}")


async def look_at_links(person: Person) -> None:
    """List and show grants."""
    if video_id := person.any_of(person.ready):
        await person.call("GET", f"/v1/videos/{video_id}/grants", expect={200, 404})
    if grant_id := person.any_of(person.links):
        await person.call("GET", f"/v1/grants/{grant_id}", expect={200, 404})


async def play(person: Person) -> None:
    """Open a link as a viewer, and play by leases, or the file if there are no playlists."""
    if (token := _link(person)) is None:
        return
    shown = await _view(person, "GET", token)
    if not shown.ok:
        return
    if shown.body["hls"] is None:
        opened = await _view(person, "POST", f"{token}/url", {})
        if opened.ok:
            _paid(person, token, opened.body["view"], 0)
            await _read(person, opened.body["url"])
        return
    await _view(person, "GET", f"{token}/master.m3u8?lease=1")
    await _lease(person, token)


async def _lease(person: Person, token: str) -> None:
    chance, view = person.chance, None
    for number in range(chance.randint(1, LEASES)):
        wanted: dict[str, Any] = {"rendition": "v0", "number": number, "position": chance.random() * 4, "view": view}
        urls = set()
        for _ in range(chance.choice([1, 1, 2]) if view else 1):  # a repeated number is the same lease
            leased = await _view(person, "POST", f"{token}/lease", wanted)
            if leased.ok:
                view = leased.body["view"]
                urls.add(leased.body["url"])
                _paid(person, token, view, number)
        if len(urls) > 1:
            person.journal.surprise(f"lease {number} of {view} has two URLs")
        if not urls:
            return
        await _read(person, urls.pop())


async def play_natively(person: Person) -> None:
    """Play as a player does that cannot lease."""
    if token := _link(person):
        await _view(person, "GET", f"{token}/master.m3u8")
        await _view(person, "GET", f"{token}/v0.m3u8")


async def skip_a_lease(person: Person) -> None:
    """Ask for a lease of a play that nobody has begun."""
    if token := _link(person):
        answer = await _view(person, "POST", f"{token}/lease", {"rendition": "v0", "number": 7, "view": "0" * 32})
        if answer.ok:
            person.journal.surprise("a lease without the one before it")


async def end_link(person: Person) -> None:
    """Revoke a grant."""
    if grant_id := person.any_of(person.links):
        answer = await person.call("DELETE", f"/v1/grants/{grant_id}", expect={204, 404})
        if answer.ok:
            after = await _view(person, "GET", person.links[grant_id])
            if after.ok:
                person.journal.surprise(f"grant {grant_id} was revoked, and opens its video")


async def end_all_links(person: Person) -> None:
    """Revoke all grants of a video."""
    if video_id := person.any_of(person.ready):
        await person.call("DELETE", f"/v1/videos/{video_id}/grants", expect={204, 404})


def _link(person: Person) -> str | None:
    grant_id = person.any_of(person.links)
    return None if grant_id is None else person.links[grant_id]


async def _view(person: Person, method: str, path: str, body: Any = None) -> Answer:
    return await person.call(method, f"/v1/play/{path}", body, expect={200, *OVER}, token="")


def _paid(person: Person, token: str, view: str, number: int) -> None:
    person.ack(f"stream:grant:{token.split('_')[1]}:{view}:{number}")


async def _read(person: Person, url: str) -> None:
    if person.chance.random() < 0.3:
        await person.put("GET", url, headers={"Range": "bytes=0-99"})
