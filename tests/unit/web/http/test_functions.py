"""Each function's main.py, loaded as the functions framework loads it in the cloud."""

from __future__ import annotations

import json
import logging
from collections import defaultdict

import functions_framework._cli
import httpx
import pytest
from click.testing import CliRunner
from functions_framework.aio import create_asgi_app
from gunicorn.app.base import BaseApplication

from tests.fixtures.api_client import FUNCTIONS, IN_XML, problem_of, xml_problem_of
from tests.fixtures.openapi_document import ROOT

ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "demo-reelgate",
    "REELGATE_MEDIA_BUCKET": "demo-reelgate-media",
    "REELGATE_SIGNER": "hmac",
    "REELGATE_HMAC_ACCESS_ID": "GOOGREELGATELOCAL",
    "REELGATE_HMAC_SECRET": "not-a-secret",
    "REELGATE_CORS_ORIGINS": "https://app.example",
    "REELGATE_IDENTITY_API_KEY": "not-a-secret",
}
EVENT_FUNCTIONS = ("finalize", "reset_daily", "convert", "settle_egress")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, freshly_started: None) -> None:
    monkeypatch.delenv("K_SERVICE", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def client_of(name: str) -> httpx.AsyncClient:
    app = create_asgi_app(name, str(ROOT / "functions" / name / "main.py"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://function")


PUBLIC_REFUSALS = {"invalid_request", "poster_not_found", "grant_not_found", "asset_not_found"}


@pytest.mark.parametrize("name", FUNCTIONS)
async def test_api_functions_answer_their_routes_and_no_others(name: str) -> None:
    async with client_of(name) as client:
        for route in FUNCTIONS[name]:
            path = route.path.format_map(defaultdict(lambda: "some-id", filename="a.mp4"))
            if route.public:
                answer = await client.request(route.method, path)
                assert answer.status_code in ({200} if path == "/" else {400, 404}), answer.text
                if answer.headers["content-type"].startswith("text/html"):  # a page for people
                    assert ("/console/assets/" if path == "/" else "This link does not work") in answer.text
                else:
                    assert answer.json()["code"] in PUBLIC_REFUSALS
                continue
            refused_in = xml_problem_of if path.startswith(IN_XML) else problem_of
            refused_in(await client.request(route.method, path), 401, "unauthorized")
        for other in FUNCTIONS.keys() - {name}:
            route = next(one for one in FUNCTIONS[other] if one.path != "/")  # where messages are pushed to some of them
            path = route.path.format_map(defaultdict(lambda: "some-id"))
            problem_of(await client.request(route.method, path), 404, "not_found")
        preflight = await client.options("/upload", headers={"Origin": "https://app.example"})
        readers = preflight.headers.get("access-control-allow-origin")
        assert readers == (None if name == "console" else "https://app.example")


async def test_a_line_break_in_a_path_is_answered_by_us_and_not_by_the_framework() -> None:
    async with client_of("upload") as client:
        problem_of(await client.get("/v1/uploads/a%0Ab"), 401, "unauthorized")
        problem_of(await client.get("/a%0Ab"), 404, "not_found")


@pytest.mark.parametrize("name", EVENT_FUNCTIONS)
async def test_event_functions_take_posts_only(name: str) -> None:
    async with client_of(name) as client:
        problem_of(await client.get("/"), 405, "method_not_allowed")
        problem_of(await client.post("/", content=b"{"), 400, "invalid_request")


def test_there_are_no_functions_that_these_tests_do_not_know() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/main.py")}
    assert folders == FUNCTIONS.keys() | set(EVENT_FUNCTIONS)


@pytest.mark.parametrize("name", [*FUNCTIONS, *EVENT_FUNCTIONS])
def test_a_wrong_configuration_fails_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELGATE_MEDIA_BUCKET")
    with pytest.raises(ValueError, match="REELGATE_MEDIA_BUCKET is missing"):
        client_of(name)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[BaseApplication]:
    """The servers that would have been started."""
    servers: list[BaseApplication] = []

    def run(server: BaseApplication) -> None:
        servers.append(server)

    monkeypatch.setattr(BaseApplication, "run", run)
    return servers


@pytest.mark.parametrize("name", [*FUNCTIONS, *EVENT_FUNCTIONS])
@pytest.mark.parametrize(("chosen", "seconds"), [(None, 0), ("90", 90)])
def test_no_worker_is_killed_for_its_silence_unless_somebody_wants_it(
    name: str, chosen: str | None, seconds: int, started: list[BaseApplication], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is made by functions-framework's own command, in the surroundings of Cloud Run."""
    monkeypatch.setenv("CLOUD_RUN_TIMEOUT_SECONDS", "60")  # the platform's: the function's timeout
    monkeypatch.setenv("FUNCTION_USE_ASGI", "true")
    if chosen:
        monkeypatch.setenv("REELGATE_WORKER_TIMEOUT_SECONDS", chosen)
    source = str(ROOT / "functions" / name / "main.py")
    done = CliRunner().invoke(functions_framework._cli._cli, ["--target", name, "--source", source], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (server,) = started
    assert server.cfg.worker_class_str == "uvicorn_worker.UvicornWorker"
    assert server.cfg.timeout == seconds


async def test_lines_of_a_request_name_its_trace_in_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("reelgate").handlers.clear()
    async with client_of("usage") as client:
        await client.get("/storage-status", headers={"X-Cloud-Trace-Context": "0af7651916cd43dd8448eb211c80319c/1;o=1"})
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    trace = "projects/demo-reelgate/traces/0af7651916cd43dd8448eb211c80319c"
    assert [line["logging.googleapis.com/trace"] for line in told if "refused" in line] == [trace]
