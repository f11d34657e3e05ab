"""A client that openapi-python-client makes of openapi.yaml calls all operations of the gateway and reads their answers."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from keyword import iskeyword
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.people import Person, sign_up
from tests.e2e.test_who_may_what import BODIES, ENDS_SESSIONS, PATHS, QUERIES, TEXTS, Belongings, filled_in
from tests.fixtures.docs.generated_client import GeneratedClient, generated_client, same
from tests.fixtures.openapi_document import operations
from tests.fixtures.permissions import permissions

OPERATIONS = {operation["operationId"]: (method, path) for (method, path), operation in operations().items()}
SHARED = {"token": "{token}", "playlist": "v0.m3u8", "captions_file": "{language}.vtt", "url": "{watch_url}"}
"""What is called here is there: a shared video, where tests of permissions name a link that is wrong."""
NOT_FOUND = {"get_poster": "poster_not_found", "get_watch_asset": "asset_not_found", "get_console_asset": "asset_not_found"}
"""The local cloud signs by itself, so that its lists have no links to posters. Pages name their files by themselves."""
FOR_ADMINS = {row.route for row in permissions() if row.is_for_admins}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeneratedClient]:
    with generated_client(tmp_path_factory.mktemp("generated")) as made:
        yield made


@pytest.fixture(scope="module")
def owner(cloud: Mapping[str, str]) -> Iterator[Person]:
    with sign_up(cloud) as person:
        yield person


@pytest.fixture(scope="module")
def boss(cloud: Mapping[str, str]) -> Iterator[Person]:
    with sign_up(cloud, role="admin") as person:
        yield person


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_operation_is_called_and_its_answer_read(
    client: GeneratedClient, cloud: Mapping[str, str], owner: Person, boss: Person, video: Path, operation_id: str
) -> None:
    method, path = OPERATIONS[operation_id]
    with ExitStack() as stack:
        if f"{method} {path}" in ENDS_SESSIONS:
            owner = stack.enter_context(sign_up(cloud))
        given = arguments(client, operation_id, method, path, Belongings(owner, boss, video))
        token = boss.token if f"{method} {path}" in FOR_ADMINS else owner.token
        connected = stack.enter_context(client.connect(cloud["REELGATE_URL"], token))
        answer = client.call(operation_id)(client=connected, **given)
    if operation_id in NOT_FOUND:
        assert answer.parsed.code == NOT_FOUND[operation_id]
        return
    assert answer.status_code < 400, answer.content
    if method == "HEAD" or answer.status_code == 302:
        assert answer.status_code == 302
        assert "location" in answer.headers
    elif isinstance(answer.parsed, bytes):
        assert answer.parsed == answer.content
    elif isinstance(answer.parsed, str):
        assert answer.parsed == answer.content.decode()
    elif answer.parsed is None:
        assert answer.content == b""
    else:
        assert same(json.loads(answer.content), answer.parsed.to_dict())


def arguments(client: GeneratedClient, operation_id: str, method: str, path: str, belongings: Belongings) -> dict[str, Any]:
    """Return what an operation is called with: the parts of its path, the query that it needs, its body."""
    segments = zip(path.split("/"), PATHS.get(path, path).split("/"), strict=True)
    named = {name[1:-1]: text for name, text in segments if name.startswith("{")}
    given: dict[str, Any] = {name: SHARED.get(name, text).format_map(belongings) for name, text in named.items()}
    query = {name: SHARED.get(name, text) for name, text in QUERIES.get(path, {}).items()}
    for name, value in filled_in(query, belongings).items():
        given[named_by_generator(name)] = date.fromisoformat(value) if name in {"from", "to"} else value
    if operation_id == "send_chunk":
        return given | {"body": a_chunk(client, belongings)}
    if operation_id == "set_captions":
        text = TEXTS[f"{method} {path}"].encode()
        return given | {"body": client.module("types").File(payload=io.BytesIO(text), mime_type="text/vtt")}
    body = BODIES.get(f"{method} {path}")
    return given if body is None else given | {"body": client.body(operation_id, filled_in(body, belongings))}


def named_by_generator(name: str) -> str:
    """Return the argument of a parameter: the generator keeps `client` and `url` for itself, Python its keywords."""
    return f"{name}_" if iskeyword(name) else f"{name}_query" if name in {"client", "url"} else name


def a_chunk(client: GeneratedClient, belongings: Belongings) -> Any:
    models, kinds = client.module("models"), client.module("types")
    chunk = kinds.File(payload=io.BytesIO(b"video"), file_name="chunk", mime_type="application/octet-stream")
    return models.SendChunkBody(upload_session_id=belongings["session_id"], chunk_index=0, chunk=chunk)


def test_a_video_from_the_upload_to_the_trash(client: GeneratedClient, cloud: Mapping[str, str], person: Person) -> None:
    """What a program does with such a client, by the names of its models."""
    models = client.module("models")
    with client.connect(cloud["REELGATE_URL"], person.token) as connected:

        def call(operation_id: str, *path: str, **given: Any) -> Any:
            return client.call(operation_id)(*path, client=connected, **given).parsed

        upload = call("create_upload", body=models.NewUpload(filename="made.mp4", size=5, title="Made"))
        request = upload.request
        opened = person.storage.request(request.method, request.url, headers=request.headers.to_dict())
        assert person.storage.put(opened.headers["location"], content=b"video").status_code == 200
        person.settled(upload.upload_id)

        (listed,) = call("list_videos", search="made", limit=10).items
        assert (listed.video_id, listed.filename, listed.title, listed.size) == (upload.upload_id, "made.mp4", "Made", 5)
        assert listed.created_at <= listed.uploaded_at

        signed = call("get_video_url", listed.video_id)
        part = person.storage.get(signed.url, headers={"Range": "bytes=1-3"})
        assert (part.status_code, part.content) == (206, b"ide")

        taken = call("create_upload", body=models.NewUpload(filename="made.mp4", size=5))
        assert isinstance(taken, models.Problem)
        assert (taken.code, taken.status) == ("name_taken", 409)

        assert call("delete_video", listed.video_id) is None
        (trashed,) = call("list_trash").items
        assert trashed.purge_at > trashed.deleted_at
        usage = call("get_usage")
        assert (usage.storage.used, usage.storage.trash) == (0, 5)
        assert (usage.bandwidth.uploaded, usage.bandwidth.streamed) == (5, 5)


def test_a_form_of_such_a_client_is_stored(client: GeneratedClient, cloud: Mapping[str, str], person: Person) -> None:
    with client.connect(cloud["REELGATE_URL"], person.token) as connected:
        file = client.module("types").File(payload=io.BytesIO(b"video"), file_name="form.mp4", mime_type="video/mp4")
        body = client.module("models").StartUploadFilesBody(file=file, title="Our holiday")
        stored = client.call("start_upload")(client=connected, body=body).parsed
        assert (stored.filename, stored.size) == ("form.mp4", 5)
        assert person.api.get("/files/form.mp4").json()["title"] == "Our holiday"


def test_a_list_that_is_not_empty_is_read_whole(
    client: GeneratedClient, cloud: Mapping[str, str], boss: Person, video: Path
) -> None:
    """The lists of the first test may be empty where they come first; here each has something in it."""
    boss.upload("one.mp4", b"video")
    boss.upload("two.mp4", b"video")
    boss.api.request("DELETE", "/delete-file", json={"filename": "two.mp4"}).raise_for_status()
    boss.ask("open.mp4", 5)
    boss.api.post("/upload/init", json={"main_service_file_id": "x", "original_file_name": "chunks.mp4"}).raise_for_status()
    boss.api.post("/v1/me/api-keys", json={"label": "ci", "scopes": ["read"]}).raise_for_status()
    boss.first_delivery_about(boss.uid)
    belongings = Belongings(boss, boss, video)
    assert belongings["grant_id"]  # it is made with that
    with client.connect(cloud["REELGATE_URL"], boss.token) as connected:
        lists = [one for one, (_, path) in OPERATIONS.items() if re.match("(admin_)?list_", one) and "/s3/" not in path]
        assert len(lists) >= 12
        for operation_id in lists:
            given = arguments(client, operation_id, *OPERATIONS[operation_id], belongings)
            answer = client.call(operation_id)(client=connected, **given)
            document = json.loads(answer.content)
            assert next(value for name, value in document.items() if isinstance(value, list)), operation_id
            assert same(document, answer.parsed.to_dict()), operation_id
