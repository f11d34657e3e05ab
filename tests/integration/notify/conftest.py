"""Certificates for these tests' servers."""

from __future__ import annotations

import pytest

from tests.fixtures.certificates import Certificate, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A self-made certificate for this machine and for hooks.example."""
    return make_certificate(tmp_path_factory.mktemp("certificates"), "localhost", "127.0.0.1", "hooks.example")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Another one, for another name."""
    return make_certificate(tmp_path_factory.mktemp("certificates"), "elsewhere.example")
