"""The gateway's own errors in a browser: readable for scripts of the named sites, and for no others."""

import pytest

from .conftest import Cloud

SITE = {"Origin": "https://app.example"}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/echo", 405)])
async def test_a_named_site_may_read_the_gateway_s_errors(cloud: Cloud, method: str, path: str, status: int) -> None:
    async with cloud.http.request(method, cloud.origin + path, headers=SITE) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, SITE["Origin"])
        assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
        assert answer.headers["Vary"] == "Origin"
    assert cloud.product.requests == 0


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://other.example"}, {"Origin": "null"}])
async def test_nobody_else_may(cloud: Cloud, headers: dict[str, str]) -> None:
    async with cloud.http.get(f"{cloud.origin}/nothing", headers=headers) as answer:
        assert answer.status == 404
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_what_a_function_says_of_origins_is_its_own(cloud: Cloud) -> None:
    async with cloud.http.get(f"{cloud.origin}/echo", headers=SITE) as answer:
        assert answer.status == 200
        assert "Access-Control-Allow-Origin" not in answer.headers
