"""What a function's code imports, it requires by name: nothing is there only because another package happens to need it."""

from __future__ import annotations

import pytest

from tests.fixtures.function_archives import FUNCTIONS
from tests.fixtures.third_party import declared, distributions_of, required_by


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_import_is_in_the_functions_requirements(function: str) -> None:
    imported = distributions_of(function)
    assert {name: by for name, by in imported.items() if name not in required_by(function)} == {}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_import_is_declared_by_the_project_itself(function: str) -> None:
    imported = distributions_of(function)
    assert {name: by for name, by in imported.items() if name not in declared()} == {}


def test_imports_are_found_at_every_depth() -> None:
    upload, convert = distributions_of("upload"), distributions_of("convert")
    assert {"functions-framework", "starlette", "pyjwt", "httptools", "google-cloud-storage", "google-crc32c"} <= set(upload)
    assert "av" in convert
    assert "av" not in upload


@pytest.mark.parametrize("function", FUNCTIONS)
def test_requests_is_used_by_others_only(function: str) -> None:
    """Google's SDKs bring it; Reelgate has a client of its own."""
    assert "requests" not in distributions_of(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_the_fast_loop_and_parser(function: str) -> None:
    """No code imports uvloop: uvicorn uses it if it is there (tests/integration/functions/test_archives.py)."""
    assert {"uvloop", "httptools"} <= required_by(function)
