"""Signing in keeps a token and no password, readable by its owner alone."""

from __future__ import annotations

import json
import stat

from tests.doubles.fake_reelgate import API


def test_a_password_is_exchanged_for_a_session(reelgate, fake, home) -> None:
    ran = reelgate("login", "ada@example.org", stdin="correct horse battery\n", key=None)
    assert (ran.code, ran.out) == (0, f"Signed in to {API} as ada@example.org.\n")
    kept = home / ".local/state/reelgate/session.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert "correct horse" not in kept.read_text()
    assert json.loads(kept.read_text())["deployments"][API]["refresh_token"] == "refresh-0"
    assert reelgate("ls", key=None).code == 0
    assert fake.bearers == ["token-1"]


def test_a_wrong_password_says_so(reelgate, home) -> None:
    ran = reelgate("login", "ada@example.org", stdin="wrong\n", key=None)
    assert ran.code == 3
    assert "do not belong together" in ran.err
    assert not (home / ".local/state/reelgate/session.json").exists()


def test_a_key_is_tried_before_it_is_kept(reelgate, fake) -> None:
    assert reelgate("login", "--api-key", stdin="rgk_mine\n", key=None).code == 0
    reelgate("ls", key=None)
    assert fake.bearers == ["rgk_mine", "rgk_mine"]


def test_the_key_of_the_environment_goes_first_and_nothing_is_written(reelgate, fake, home) -> None:
    assert reelgate("ls", key="rgk_ci").code == 0
    assert fake.bearers == ["rgk_ci"]
    assert not home.exists()


def test_without_a_sign_in_it_says_what_to_do(reelgate) -> None:
    ran = reelgate("ls", key=None)
    assert ran.code == 3
    assert "reelgate login" in ran.err


def test_a_session_that_has_ended_says_so(reelgate, fake) -> None:
    reelgate("login", "ada@example.org", stdin="correct horse battery\n", key=None)
    fake.valid_tokens.clear()
    fake.refresh_tokens.clear()
    ran = reelgate("ls", key=None)
    assert ran.code == 3
    assert "Your sign-in has ended" in ran.err


def test_signing_out_forgets(reelgate, home) -> None:
    reelgate("login", "ada@example.org", stdin="correct horse battery\n", key=None)
    assert reelgate("logout", key=None).code == 0
    assert "token" not in (home / ".local/state/reelgate/session.json").read_text()
    assert reelgate("ls", key=None).code == 3


def test_only_signing_in_sets_where_commands_go(reelgate, fake, home) -> None:
    """A token of another deployment that is refreshed on the way changes no default."""
    other = "https://other.example"
    for url in (other, API):
        assert reelgate("login", "--url", url, "ada@example.org", stdin="correct horse battery\n", key=None).code == 0
    kept = home / ".local/state/reelgate/session.json"
    before = json.loads(kept.read_text())["deployments"][other]["token"]
    fake.valid_tokens.clear()
    assert reelgate("ls", "--url", other, key=None).code == 0
    after = json.loads(kept.read_text())
    assert after["deployments"][other]["token"] != before
    assert after["url"] == API


def test_a_damaged_file_is_no_sign_in(reelgate, home) -> None:
    reelgate("login", "ada@example.org", stdin="correct horse battery\n", key=None)
    for damaged in ("", "{", "[]", '{"deployments": 5}', f'{{"deployments": {{"{API}": {{"token": 5}}}}}}', "\x00\xff"):
        (home / ".local/state/reelgate/session.json").write_text(damaged)
        assert reelgate("ls", key=None).code == 3
    assert reelgate("login", "ada@example.org", stdin="correct horse battery\n", key=None).code == 0


def test_a_url_without_encryption_is_warned_of(reelgate) -> None:
    ran = reelgate("login", "--url", "http://videos.example", "ada", stdin="correct horse battery\n", key=None)
    assert "is not encrypted" in ran.err
