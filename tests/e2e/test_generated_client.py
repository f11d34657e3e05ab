"""A client that openapi-python-client makes of openapi.yaml calls all operations of the gateway and reads their answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.people import Person, sign_up
from tests.e2e.test_who_may_what import BODIES, PATHS, QUERIES, Belongings, filled_in
from tests.fixtures.generated_client import GeneratedClient, generated_client, same
from tests.fixtures.openapi_document import operations

OPERATIONS = {operation["operationId"]: (method, path) for (method, path), operation in operations().items()}


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


@pytest.fixture
def belongings(owner: Person, boss: Person, video: Path) -> Belongings:
    return Belongings(owner, boss, video)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_operation_is_called_and_its_answer_read(
    client: GeneratedClient, cloud: Mapping[str, str], owner: Person, boss: Person, belongings: Belongings, operation_id: str
) -> None:
    method, path = OPERATIONS[operation_id]
    for_admins = path.startswith(("/admin/", "/logs")) or operation_id == "reset_daily_usage"
    given = arguments(client, operation_id, method, path, belongings)
    with client.connect(cloud["REELGATE_URL"], (boss if for_admins else owner).token) as connected:
        answer = client.call(operation_id)(client=connected, **given)
    assert answer.status_code < 400, answer.content
    if method == "HEAD" or answer.status_code == 302:
        assert answer.status_code == 302
        assert "location" in answer.headers
        return
    assert same(json.loads(answer.content), answer.parsed.to_dict())


def arguments(client: GeneratedClient, operation_id: str, method: str, path: str, belongings: Belongings) -> dict[str, Any]:
    """Return what an operation is called with: the parts of its path, the query that it needs, its body."""
    names = [part[1:-1] for part in PATHS.get(path, path).split("/") if part.startswith("{")]
    given = {name: belongings[name] for name in names} | filled_in(QUERIES.get(path, {}), belongings)
    if "converted" in given:
        given["filename"] = given.pop("converted")
    if operation_id == "send_chunk":
        return given | {"body": a_chunk(client, belongings)}
    body = BODIES.get(f"{method} {path}")
    return given if body is None else given | {"body": client.body(operation_id, filled_in(body, belongings))}


def a_chunk(client: GeneratedClient, belongings: Belongings) -> Any:
    models, kinds = client.module("models"), client.module("types")
    chunk = kinds.File(payload=io.BytesIO(b"video"), file_name="chunk", mime_type="application/octet-stream")
    return models.SendChunkBody(upload_session_id=belongings["session_id"], chunk_index=0, chunk=chunk)


def test_an_upload_from_the_grant_to_the_trash(client: GeneratedClient, cloud: Mapping[str, str], person: Person) -> None:
    """What a program does with such a client, by the names of its models."""
    with client.connect(cloud["REELGATE_URL"], person.token) as connected:
        wanted = client.module("models").UploadRequest(filename="made.mp4", size=5, content_type="video/mp4")
        granted = client.call("start_upload")(client=connected, body=wanted).parsed
        opened = person.storage.request(granted.method.value, granted.upload_url, headers=granted.headers.to_dict())
        assert person.storage.put(opened.headers["location"], content=b"video").status_code == 200
        person.settled(granted.upload_id)
        listed = client.call("list_files")(client=connected, limit=10).parsed
        assert [file.filename for file in listed.files] == ["made.mp4"]

        delete = client.body("delete_file", {"filename": "made.mp4"})
        assert client.call("delete_file")(client=connected, body=delete).parsed.file_deleted == "made.mp4"
        (trashed,) = client.call("list_trash")(client=connected).parsed.files
        assert trashed.purge_at > trashed.deleted_at
        summary = client.call("get_daily_summary")(client=connected).parsed
        assert (summary.uploaded, summary.deletion_count) == (5, 1)


def test_a_form_of_such_a_client_is_stored(client: GeneratedClient, cloud: Mapping[str, str], person: Person) -> None:
    with client.connect(cloud["REELGATE_URL"], person.token) as connected:
        file = client.module("types").File(payload=io.BytesIO(b"video"), file_name="form.mp4", mime_type="video/mp4")
        body = client.module("models").StartUploadFilesBody(file=file, title="Our holiday")
        stored = client.call("start_upload")(client=connected, body=body).parsed
        assert (stored.filename, stored.size) == ("form.mp4", 5)
        assert person.api.get("/files/form.mp4").json()["title"] == "Our holiday"


def test_a_list_that_is_not_empty_is_read_whole(client: GeneratedClient, cloud: Mapping[str, str], boss: Person) -> None:
    """The lists of the first test may be empty where they come first; here each has something in it."""
    boss.upload("one.mp4", b"video")
    boss.upload("two.mp4", b"video")
    boss.api.request("DELETE", "/delete-file", json={"filename": "two.mp4"}).raise_for_status()
    boss.ask("open.mp4", 5)
    boss.api.post("/upload/init", json={"main_service_file_id": "x", "original_file_name": "chunks.mp4"}).raise_for_status()
    boss.first_delivery_about(boss.uid)
    with client.connect(cloud["REELGATE_URL"], boss.token) as connected:
        lists = [operation_id for operation_id in OPERATIONS if operation_id.startswith("list_")]
        assert len(lists) >= 8
        for operation_id in lists:
            answer = client.call(operation_id)(client=connected)
            document = json.loads(answer.content)
            assert next(value for name, value in document.items() if isinstance(value, list)), operation_id
            assert same(document, answer.parsed.to_dict()), operation_id
