"""What users do with their videos: look, find, name, watch, delete, restore and purge them."""

from __future__ import annotations

from urllib.parse import quote

from tests.chaos.people.person import Person

LISTS = (
    "/v1/videos",
    "/v1/videos?sort=title&limit=5",
    "/v1/videos?search=1&sort=-size",
    "/v1/videos?type=video&state=processing",
    "/v1/trash",
    "/files",
    "/trash",
    "/upload/files",
)


async def look(person: Person) -> None:
    """List something."""
    await person.call("GET", person.chance.choice(LISTS), expect={200})


async def refresh(person: Person) -> None:
    """Learn what there is, as after a restart of the client."""
    for path, known in (("/v1/videos?limit=1000", person.ready), ("/v1/trash?limit=1000", person.trashed)):
        answer = await person.call("GET", path, expect={200})
        if answer.ok:
            known.clear()
            known.update({item["video_id"]: item["filename"] for item in answer.body["items"]})


async def show(person: Person) -> None:
    """Show a video."""
    if video_id := person.any_of(person.ready):
        await person.call("GET", f"/v1/videos/{video_id}", expect={200, 404})


async def rename(person: Person) -> None:
    """Change a title."""
    if video_id := person.any_of(person.ready):
        body = {"title": person.chance.choice([None, "By the sea", "ملف", "<b>bold</b>"])}
        await person.call("PATCH", f"/v1/videos/{video_id}", body, expect={200, 404})


async def caption(person: Person) -> None:
    """Put captions of any length in one of few languages, sometimes broken ones; or read, or remove them."""
    if (video_id := person.any_of(person.ready)) is None:
        return
    language, headers = person.chance.choice(["de", "en", "pt-BR"]), {"Content-Type": "text/vtt"}
    path, kind = f"/v1/videos/{video_id}/captions/{language}", person.chance.random()
    if kind < 0.2:
        await person.call("GET", path, expect={200, 404})
    elif kind < 0.4:
        await person.call("DELETE", path, expect={204, 404})
    elif kind < 0.5:
        await person.call("PUT", path, data=b"1\n00:01 --> 00:02\n", headers=headers, expect={400})
    else:
        cues = [f"00:{n:02}.000 --> 00:{n:02}.900\nHello {n}\n\n" for n in range(person.chance.randint(1, 50))]
        answer = await person.call(
            "PUT", path, data=("WEBVTT\n\n" + "".join(cues)).encode(), headers=headers, expect={200, 403, 404}
        )
        if answer.ok:
            person.ack(f"captions:{video_id}:{language}:")


async def watch(person: Person) -> None:
    """Get a URL by one of the routes, and read the first bytes."""
    if (video_id := person.any_of(person.ready)) is None:
        return
    name = person.ready[video_id]
    if name and person.chance.random() < 0.3:
        path = person.chance.choice([f"/stream/direct/{quote(name)}", f"/stream/video/{quote(name)}"])
        await person.call("GET", path, expect={200, 302, 403, 404})
        return
    download = person.chance.choice(["", "?download=true"])
    answer = await person.call("GET", f"/v1/videos/{video_id}/url{download}", expect={200, 403, 404})
    if answer.ok:
        person.ack(f"stream:{video_id}:")
        if person.chance.random() < 0.3:
            await person.put("GET", answer.body["url"], headers={"Range": "bytes=0-99"})


async def listen(person: Person) -> None:
    """Get the URL of an MP3."""
    if video_id := person.any_of(person.ready):
        await person.call("GET", f"/v1/videos/{video_id}/audio-url", expect={200, 403, 404, 409})


async def order_audio(person: Person) -> None:
    """Ask for an MP3."""
    if video_id := person.any_of(person.ready):
        await person.call("POST", f"/v1/videos/{video_id}/audio", expect={200, 202, 403, 404, 409})


async def delete(person: Person) -> None:
    """Move a video to the trash."""
    if video_id := person.any_of(person.ready):
        answer = await person.call("DELETE", f"/v1/videos/{video_id}", expect={204, 404})
        if answer.ok:
            person.ack(f"delete:{video_id}:")
            person.trashed[video_id] = person.ready.pop(video_id, "")


async def restore(person: Person) -> None:
    """Bring a video back."""
    if video_id := person.any_of(person.trashed):
        answer = await person.call("POST", f"/v1/videos/{video_id}/restore", expect={200, 403, 404, 409})
        if answer.ok:
            person.ready[video_id] = person.trashed.pop(video_id, "")


async def purge(person: Person) -> None:
    """Remove a video for good."""
    if video_id := person.any_of(person.trashed):
        answer = await person.call("DELETE", f"/v1/trash/{video_id}", expect={204, 404})
        if answer.ok:
            person.trashed.pop(video_id, None)
            person.ack(f"purge:{video_id}")


async def empty_trash(person: Person) -> None:
    """Remove everything in the trash."""
    answer = await person.call("DELETE", "/v1/trash", expect={200})
    if answer.ok and answer.body["complete"]:
        person.trashed.clear()


async def churn(person: Person) -> None:
    """Delete and restore a large part of the storage in turn: use moves over the thresholds of alerts."""
    if video_id := person.any_of(person.ready):
        for _ in range(3):
            deleted = await person.call("DELETE", f"/v1/videos/{video_id}", expect={204, 404})
            restored = await person.call("POST", f"/v1/videos/{video_id}/restore", expect={200, 403, 404, 409})
            if not (deleted.ok and restored.ok):
                return
