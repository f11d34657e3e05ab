"""E-mail addresses, user names and passwords: what they may be, and when two names are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.accounts.credentials import clean_email, clean_password, clean_username, username_key
from reelgate.domain.errors import InvalidRequest, WeakPassword


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+x@Example.ORG ", "ada.lovelace+x@example.org"),
        ("o'brien@xn--bcher-kva.example", "o'brien@xn--bcher-kva.example"),
        (f"{'a' * 64}@{'b' * 63}.org", f"{'a' * 64}@{'b' * 63}.org"),
    ],
)
def test_addresses(raw: str, clean: str) -> None:
    assert clean_email(raw) == clean
    assert clean_email(clean) == clean


@pytest.mark.parametrize(
    "raw",
    [None, 5, "", " ", "ada", "ada@", "@example.org", "ada@localhost", "a@b@c.org", "a b@c.org", "a..b@c.org", ".a@c.org",
     "ada@-c.org", "ada@c-.org", "ada@c..org", "ädä@c.org", "ada@bücher.example", f"{'a' * 65}@c.org", "a@c.org\n.org",
     f"a@{'b.' * 130}org", "a\x00@c.org", '"a b"@c.org', "ada@[127.0.0.1]", ["ada@example.org"]],
)  # fmt: skip
def test_what_is_no_address(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        clean_email(raw)
    assert refused.value.field == "email"


@pytest.mark.parametrize("raw", ["Ada", "Example One", "a_b-c.d", "李小龙", "Ünï", "9", "नमस्ते", "x" * 40])
def test_names(raw: str) -> None:
    if len(raw) >= 2:
        assert clean_username(f" {raw} ") == raw
    else:
        with pytest.raises(InvalidRequest):
            clean_username(raw)


@pytest.mark.parametrize(
    "raw",
    [None, 5, "", " ", "x", "x" * 41, "a@b", "a:b", "a/b", "a  b", "a..b", ".ab", "ab_", "a\tb", "a\u200db", "a\u202eb",
     "a\x00b", "\u0301ab", "😀😀", "a\ud800b", "<b>", "a\nb"],
)  # fmt: skip
def test_what_is_no_name(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        clean_username(raw)
    assert refused.value.field == "username"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "ADA"), ("Ａｄａ", "ada"), ("Straße", "STRASSE"), ("Ångström", "A\u030angstro\u0308m"), ("ﬁne", "FINE")],
)
def test_one_name(one: str, other: str) -> None:
    assert username_key(clean_username(one)) == username_key(clean_username(other))


def test_two_names() -> None:
    assert len({username_key(name) for name in ("ada", "a.da", "a da", "adä", "add")}) == 5


@given(st.text(min_size=1, max_size=60))
def test_a_clean_name_stays_clean_and_is_one_name_with_its_key(raw: str) -> None:
    try:
        name = clean_username(raw)
    except InvalidRequest:
        return
    assert clean_username(name) == name
    assert "@" not in name
    assert ":" not in name
    key = username_key(name)
    assert username_key(key) == key
    assert len(key.encode()) < 1500  # a document's id


def a_password(raw: object, minimum: int = 8) -> str:
    return clean_password(raw, email="ada.l@example.org", username="Ada L", minimum=minimum)


@pytest.mark.parametrize("raw", ["correct horse", "12345678", "pässwörd", "a:b:c:d:e", "  spaces  ", "x" * 128, "😀" * 8])
def test_passwords_are_left_as_they_are(raw: str) -> None:
    assert a_password(raw) == raw


def test_the_shortest_is_what_the_deployment_says() -> None:
    assert a_password("123456", minimum=6) == "123456"
    with pytest.raises(WeakPassword, match="at least 8 characters"):
        a_password("1234567")


@pytest.mark.parametrize("raw", ["x" * 129, "ada.l@example.org", "ADA.L@EXAMPLE.ORG", "short"])
def test_weak_passwords(raw: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        a_password(raw)
    assert refused.value.field == "password"
    assert raw not in f"{refused.value!r} {refused.value}"


@pytest.mark.parametrize("raw", ["ada.l", "Ada L", "ADA l"])
def test_a_name_is_no_password(raw: str) -> None:
    with pytest.raises(WeakPassword, match="neither your user name nor"):
        a_password(raw, minimum=5)


@pytest.mark.parametrize("raw", [None, "", 12345678, ["12345678"], "1234567\n", "1234567\x00", "1234567\ud800"])
def test_what_is_no_password(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_password(raw)
    assert not isinstance(refused.value, WeakPassword)
