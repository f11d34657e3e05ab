"""Fixtures and settings that several rings share."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent

pytest_plugins = ["tests.fixtures.auth_emulator", "tests.fixtures.firestore", "tests.fixtures.pubsub"]

# No example has a deadline: how long one takes depends on what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay in one process, in this order, when `--dist loadgroup` gives them to several."""
    for item in items:
        if group := group_of(item.path.relative_to(TESTS)):
            item.add_marker(pytest.mark.xdist_group(group))


def group_of(path: Path) -> str | None:
    """Return the group of a file's tests; None where each test may run anywhere.

    Tests of one file share what its fixtures and caches make. Those over HTTP share one local cloud, in which some kill
    functions or make deliveries fail; only those that start a cloud of their own are free of it. A deployment's life with
    Terraform takes minutes and has a state of its own.
    """
    ring = path.parts[0]
    if ring == "terraform":
        return None
    if ring == "e2e" and path.name != "test_stop_and_start.py":
        return "local cloud"
    return str(path)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Escape what is no valid Unicode in what a test printed or logged: pytest-xdist cannot send it to another process."""
    return _encodable((yield))


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_encodable(name): _encodable(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_encodable(inner) for inner in value]
    return value
