"""Fixtures and settings that several rings share."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

SHARES_USERS = {("contract", "accounts"), ("integration", "identity")}
"""Folders whose tests have users in the Auth emulator of the local cloud, if one runs."""

pytest_plugins = ["tests.fixtures.auth_emulator", "tests.fixtures.firestore", "tests.fixtures.pubsub"]

# No example has a deadline: how long one takes depends on what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


class ByGroup(LoadScopeScheduling):
    """Gives each group of tests to one process, in the order of collection.

    Marks would do with `--dist loadgroup`, but pytest-xdist 3.8 sets them on an attribute that pytest 9.2 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.partition("::")[0]).relative_to("tests")) or nodeid


@pytest.hookimpl(optionalhook=True)  # pytest-xdist asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """Return what gives tests to several processes."""
    return ByGroup(config, log)


def group_of(path: Path) -> str | None:
    """Return the group of a file's tests, which run in one process; None where each test may run anywhere.

    Tests of one file share what its fixtures and caches make. Those over HTTP share one local cloud, in which some kill
    functions or make deliveries fail, and some tests of users share its Auth emulator; only those that start a cloud of their
    own are free of it. Tests in a browser have another one, whose connections some of them break. A deployment's life with
    Terraform takes minutes and has a state of its own.
    """
    ring = path.parts[0]
    if ring == "terraform":
        return None
    if ring == "browser":
        return "browser"
    if (ring == "e2e" and path.name != "test_stop_and_start.py") or path.parts[:2] in SHARES_USERS:
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
        case list():
            return [_encodable(inner) for inner in value]
        case tuple():  # why a test was skipped: pytest insists on the type
            return tuple(_encodable(inner) for inner in value)
    return value
