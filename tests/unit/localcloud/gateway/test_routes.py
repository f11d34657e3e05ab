"""Which function answers a request."""

import pytest

from localcloud.gateway.openapi import Operation
from localcloud.gateway.routes import RouteTable, UnknownPath, WrongMethod

OPERATIONS = {
    "POST /upload": "upload",
    "DELETE /upload/file": "chunks",
    "GET /uploads": "list",
    "GET /uploads/{id}": "inspect",
    "DELETE /uploads/{id}": "cancel",
    "POST /uploads/{id}/resume": "resume",
    "GET /uploads/recent": "recent",
    "PUT /uploads/recent/resume": "odd",
    "GET /stream/{kind}/{filename}": "any_stream",
    "GET /stream/direct/{filename}": "direct",
    "GET /": "root",
}


@pytest.fixture(scope="module")
def routes() -> RouteTable:
    split = ((*key.split(), function) for key, function in OPERATIONS.items())
    return RouteTable(Operation(method=method, path=path, function=function) for method, path, function in split)


@pytest.mark.parametrize(
    ("method", "path", "function"),
    [
        ("POST", "/upload", "upload"),
        ("GET", "/", "root"),
        ("GET", "/uploads/abc", "inspect"),
        ("DELETE", "/uploads/abc", "cancel"),
        ("POST", "/uploads/abc/resume", "resume"),
        ("GET", "/uploads/recent", "recent"),  # static before parameter
        ("DELETE", "/uploads/recent", "cancel"),  # ... among those with the method
        ("POST", "/uploads/recent/resume", "resume"),
        ("PUT", "/uploads/recent/resume", "odd"),
        ("GET", "/stream/direct/a.mp4", "direct"),
        ("GET", "/stream/video/a.mp4", "any_stream"),
        ("GET", "/stream/direct/a%2Fb%20c.mp4", "direct"),  # an encoded slash ends no segment
        ("GET", "/stream/direct/%E6%9D%B1.mp4", "direct"),
        ("GET", "/stream/%64irect/a.mp4", "direct"),  # encoded or not, it is the same segment
        ("GET", "/uploads/", "list"),
        ("HEAD", "/uploads/abc", "inspect"),
        ("OPTIONS", "/upload", "upload"),
    ],
)
def test_a_known_request_finds_its_function(routes: RouteTable, method: str, path: str, function: str) -> None:
    assert routes.find(path, method) == function


def test_a_preflight_goes_where_its_request_would(routes: RouteTable) -> None:
    assert routes.find("/uploads/abc", "OPTIONS", "DELETE") == "cancel"
    assert routes.find("/uploads/abc", "OPTIONS", "GET") == "inspect"
    assert routes.find("/uploads/abc", "OPTIONS", "PATCH") == "inspect"


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/upload/other", "/uploads/a/b", "/uploads//resume", "/upload//", "//upload", "/Upload", "/upload%20", "*"],
)
def test_an_unknown_path(routes: RouteTable, path: str) -> None:
    with pytest.raises(UnknownPath):
        routes.find(path, "GET")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/upload", ["OPTIONS", "POST"]),
        ("HEAD", "/upload", ["OPTIONS", "POST"]),
        ("PUT", "/uploads/abc", ["DELETE", "GET", "HEAD", "OPTIONS"]),
        ("PATCH", "/uploads/recent/resume", ["OPTIONS", "POST", "PUT"]),
        ("get", "/uploads", ["GET", "HEAD", "OPTIONS"]),  # methods are case-sensitive
    ],
)
def test_a_wrong_method_learns_the_right_ones(routes: RouteTable, method: str, path: str, allowed: list[str]) -> None:
    with pytest.raises(WrongMethod) as wrong:
        routes.find(path, method)
    assert wrong.value.allowed == allowed
