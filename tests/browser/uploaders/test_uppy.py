"""Uppy as it is, with the adapter of `@reelgate/client/uppy`, against the local cloud."""

from __future__ import annotations

import json
from typing import Any

from tests.browser.uploaders.conftest import UploaderPage
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually

SIZE = 6 * MIB
NAME = "Grüße & <Küsse> 東京 100%.mp4"


def test_a_life_with_uppy(uploaders: UploaderPage, person: Person) -> None:
    """Parts with a pause, a small file in one request, a file that is removed, and one for which there is no room."""
    page = uploaders.page
    page.evaluate(f"Object.assign(window, uppyOf({uploaders.given(person)})), true")

    def add(name: str, size: int) -> None:
        added = f"file({json.dumps(name)}, {size})"
        page.evaluate(f"window.id = uppy.addFile({{ name: {json.dumps(name)}, type: 'video/mp4', data: {added} }})")

    def said(event: str, name: str) -> list[Any]:
        found: list[list[Any]] = page.evaluate("said")
        return [more for kind, of, more in found if (kind, of) == (event, name)]

    def open_uploads() -> list[dict[str, Any]]:
        return list(person.api.get("/v1/uploads").json()["items"])

    # Held after its first part, the upload is paused; it lists the parts when it goes on.
    page.evaluate(f"bucket.hold({json.dumps(person.uid)}, 1)")
    add(NAME, SIZE)
    page.evaluate("uppy.upload(), true")
    eventually(lambda: said("s3-multipart:part-uploaded", NAME) == [1], "the first part", seconds=60)
    [upload] = open_uploads()
    assert (upload["size"], upload["parts"]["count"], upload["parts"]["size"]) == (SIZE, 2, 5 * MIB)
    page.evaluate("(uppy.pauseAll(), bucket.holds.clear(), uppy.resumeAll(), true)")
    eventually(lambda: said("upload-success", NAME), "the video", seconds=60)
    assert said("upload-success", NAME) == [{"location": f"/v1/videos/{upload['upload_id']}", "key": upload["upload_id"]}]
    assert said("s3-multipart:part-uploaded", NAME) == [1, 2]
    video = person.api.get(f"/v1/videos/{upload['upload_id']}").json()
    assert (video["filename"], video["size"]) == (NAME, SIZE)

    add("small.mp4", 1000)
    page.evaluate("uppy.upload(), true")
    eventually(lambda: said("upload-success", "small.mp4"), "the small one", seconds=60)
    small = said("upload-success", "small.mp4")[0]["key"]
    eventually(lambda: person.api.get(f"/v1/uploads/{small}").json()["state"] == "ready", "its outcome")
    assert said("s3-multipart:part-uploaded", "small.mp4") == []

    page.evaluate(f"bucket.hold({json.dumps(person.uid)}, 1)")
    add("removed.mp4", SIZE)
    page.evaluate("uppy.upload(), true")
    eventually(lambda: said("s3-multipart:part-uploaded", "removed.mp4") == [1], "a part", seconds=60)
    [removed] = open_uploads()
    page.evaluate("(uppy.removeFile(id), bucket.holds.clear(), true)")
    eventually(lambda: open_uploads() == [], "the end of the upload")
    assert person.api.get(f"/v1/uploads/{removed['upload_id']}").json()["state"] == "cancelled"

    add("large.mp4", 45 * MIB)
    page.evaluate("uppy.upload(), true")
    eventually(lambda: said("upload-error", "large.mp4"), "the refusal", seconds=60)
    assert said("upload-error", "large.mp4") == ["This video is 47.2 MB; 46.1 MB are left in your storage."]
    assert "left in your storage" in str(page.evaluate("uppy.getState().info[0].details"))
    assert open_uploads() == []

    add(NAME, 1000)  # another file of the same name
    page.evaluate("uppy.upload(), true")
    eventually(lambda: said("upload-error", NAME), "the refusal of the name", seconds=60)
    assert "name" in said("upload-error", NAME)[0]
    person.assert_books_right()
