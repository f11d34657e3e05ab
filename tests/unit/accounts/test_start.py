"""What the function needs to start, and what the others do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reelgate import bootstrap
from reelgate.adapters.users.no_directory import NoDirectory
from reelgate.config import Settings

ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "shop",
    "REELGATE_MEDIA_BUCKET": "shop-media",
    "REELGATE_SIGNER_ACCOUNT": "s@shop.example",
}
FOREIGN = '[{"issuer": "https://main.example", "audience": "a", "jwks_url": "https://main.example/keys"}%s]'


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("K_SERVICE", "FIREBASE_AUTH_EMULATOR_HOST", "REELGATE_IDENTITY_API_KEY", "REELGATE_JWT_ISSUERS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    bootstrap.settings.cache_clear()
    bootstrap.services.cache_clear()
    yield monkeypatch
    bootstrap.settings.cache_clear()
    bootstrap.services.cache_clear()


def test_only_who_signs_people_in_needs_the_key(environment: pytest.MonkeyPatch) -> None:
    bootstrap.start()
    with pytest.raises(ValueError, match="REELGATE_IDENTITY_API_KEY"):
        bootstrap.start(signs_in=True)


def test_with_the_key(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REELGATE_IDENTITY_API_KEY", "k-web")
    assert "k-web" not in repr(bootstrap.start(signs_in=True))


def test_the_project_s_own_tokens_must_count_where_they_are_handed_out(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REELGATE_IDENTITY_API_KEY", "k-web")
    environment.setenv("REELGATE_JWT_ISSUERS", FOREIGN % "")
    bootstrap.start()
    with pytest.raises(ValueError, match=r'REELGATE_JWT_ISSUERS must list \{"firebase_project": "shop"}'):
        bootstrap.start(signs_in=True)
    environment.setenv("REELGATE_JWT_ISSUERS", FOREIGN % ', {"firebase_project": "shop"}')
    bootstrap.settings.cache_clear()
    bootstrap.services.cache_clear()
    bootstrap.start(signs_in=True)


def test_a_list_with_the_project_s_own_issuer_counts_beside_the_auth_emulator_too(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")
    environment.setenv("REELGATE_JWT_ISSUERS", FOREIGN % ', {"firebase_project": "shop"}')
    bootstrap.start(signs_in=True)


def test_where_all_sign_in_elsewhere_no_key_is_needed_but_an_issuer(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REELGATE_DIRECTORY", "none")
    with pytest.raises(ValueError, match="REELGATE_JWT_ISSUERS"):
        bootstrap.start(signs_in=True)
    environment.setenv("REELGATE_JWT_ISSUERS", FOREIGN % "")
    bootstrap.settings.cache_clear()
    bootstrap.services.cache_clear()
    assert not bootstrap.start(signs_in=True).accounts.policy.registration_open
    assert isinstance(bootstrap.services().directory, NoDirectory)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REELGATE_DIRECTORY", "ldap"),
        ("REELGATE_REGISTRATION", "maybe"),
        ("REELGATE_PASSWORD_MIN_LENGTH", "5"),
        ("REELGATE_PASSWORD_MIN_LENGTH", "129"),
        ("REELGATE_LOGIN_MAX_FAILURES", "0"),
        ("REELGATE_ATTEMPTS_WINDOW_SECONDS", "90000"),
        ("REELGATE_PROXIES_IN_FRONT", "-1"),
    ],
)
def test_impossible_settings(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.from_env({**ENVIRONMENT, name: value})


def test_the_defaults_are_those_of_the_page() -> None:
    policy = Settings.from_env(ENVIRONMENT).accounts.policy
    assert (policy.registration_open, policy.password_min_length, policy.login_max_failures) == (True, 8, 10)
    assert (policy.login_max_failures_of_account, policy.login_max_failures_of_address) == (100, 100)
    assert policy.attempts_without_address == 1000
    assert (policy.registrations_of_address, policy.attempts_window.total_seconds(), policy.proxies_in_front) == (20, 900, 1)
