"""Tokens of another issuer, that have ended, or that nobody has signed."""

from __future__ import annotations

import pytest

from tests.doubles import fake_deployment
from tests.doubles.fake_deployment import PROJECT


def test_a_token_of_another_project(doctor, fake, monkeypatch: pytest.MonkeyPatch) -> None:
    line = doctor("--project", "my-videos-2").one_wrong()
    assert f"of the project {PROJECT}, not of my-videos-2" in line["detail"]
    other = fake_deployment.token(issuer="https://issuer.example", audience="other")
    monkeypatch.setenv("REELGATE_TOKEN", other)
    line = doctor().one_wrong()
    assert (line["question"], "REELGATE_JWT_ISSUERS" in line["mend"]) == ("it is accepted", True)
    fake.valid_tokens.add(other)
    assert doctor().code == 0
    mixed = fake_deployment.token(audience="other")
    fake.valid_tokens.add(mixed)
    monkeypatch.setenv("REELGATE_TOKEN", mixed)
    assert "another audience" in doctor().one_wrong()["detail"]


def test_a_token_that_has_ended(doctor, fake, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = fake_deployment.token(lives=-10)
    monkeypatch.setenv("REELGATE_TOKEN", ended)
    assert set(doctor().of("wrong")) == {"token: it is accepted", "token: issuer, audience and times"}


def test_a_garbled_token_that_is_taken(doctor, fake) -> None:
    fake.takes_garbled = True
    line = doctor().one_wrong()
    assert (line["question"], "anybody" in line["detail"]) == ("a garbled one is refused", True)


def test_api_keys_have_no_issuer(doctor) -> None:
    found = doctor(key="rgk_abc")
    assert found.code == 0
    assert "token: issuer, audience and times" in found.of("not asked")
    assert "token: a garbled one is refused" in found.of("ok")
