"""The terms of a grant: what is wrong is named, all at once; origins are what browsers send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.playback.grant_terms import DEFAULT_LIFETIME, clean_origin, clean_terms

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTPS://Example.COM", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://example.com:80", "https://example.com:80"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://192.0.2.7:8443", "https://192.0.2.7:8443"),
        ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_origins(given: str, cleaned: str) -> None:
    assert clean_origin(given) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "", "example.com", "//example.com", "https://", "https:///", "https://example.com/", "https://example.com/path",
        "https://example.com?", "https://example.com#", "https://example.com?a=b", "https://user@example.com",
        "https://user:secret@example.com", "https://*.example.com", "*", "null", "file://", "ftp://example.com",
        "javascript:alert(1)", "https://exa mple.com", "https://example..com", "https://-example.com", "https://bücher.example",
        "https://example.com:", "https://example.com:0", "https://example.com:65536", "https://example.com:a", "https://[::1",
        "https://example.com\n", " https://example.com", "https://example.com\t", "https://[gg]",
        "https://" + "a" * 64 + ".com", "https://\u212aelvin.example", "https://[::1::]", "https://[1.2.3.4]",
        "https://" + "a." * 127 + "com", "https://example.com:080", "https://example.com:+443", "https://exam\nple.com",
    ],
)  # fmt: skip
def test_what_is_no_origin(text: str) -> None:
    assert clean_origin(text) is None


def test_everything_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidRequest) as refused:
        clean_terms(
            now=NOW,
            seconds=59,
            expires_at=NOW - timedelta(days=1),
            label=" ",
            origins=["https://ok.example", "nonsense", "https://ok.example/path"],
            max_bytes=0,
            max_plays=-1,
        )
    assert [error.field for error in refused.value.errors] == [
        "seconds", "expires_at", "seconds", "expires_at", "label", "origins[1]", "origins[2]", "max_bytes", "max_plays",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "terms",
    [
        {"seconds": 59},
        {"seconds": 366 * 86400 + 1},
        {"expires_at": NOW + timedelta(seconds=59)},
        {"expires_at": NOW + timedelta(days=366, seconds=1)},
        {"expires_at": NOW.replace(tzinfo=None)},
        {"label": "x" * 101},
        {"label": "a\x00b"},
        {"origins": [f"https://{n}.example" for n in range(21)]},
        {"max_bytes": (1 << 50) + 1},
        {"max_plays": 1_000_000_001},
    ],
    ids=str,
)
def test_bounds(terms: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        clean_terms(now=NOW, **terms)


def test_what_is_left_out() -> None:
    terms = clean_terms(now=NOW)
    assert terms.end(NOW) == NOW + DEFAULT_LIFETIME
    assert (terms.label, terms.origins, terms.max_bytes, terms.max_plays) == (None, (), None, None)


def test_cleaned_terms() -> None:
    terms = clean_terms(
        now=NOW, seconds=60, label="  for \n Bob ", origins=["https://a.example", "HTTPS://A.example:443"], max_plays=1
    )
    assert terms.end(NOW) == NOW + timedelta(minutes=1)
    assert (terms.label, terms.origins) == ("for Bob", ("https://a.example",))
    assert clean_terms(now=NOW, expires_at=NOW + timedelta(days=366)).end(NOW) == NOW + timedelta(days=366)


def test_the_fingerprint_says_whether_a_request_is_the_same() -> None:
    terms = [
        clean_terms(now=NOW),
        clean_terms(now=NOW, seconds=60),
        clean_terms(now=NOW, expires_at=NOW + timedelta(seconds=60)),
        clean_terms(now=NOW, label="a"),
        clean_terms(now=NOW, origins=["https://a.example"]),
        clean_terms(now=NOW, max_bytes=1),
        clean_terms(now=NOW, max_plays=1),
    ]
    prints = [one.fingerprint("f1") for one in terms]
    assert len({*prints, terms[0].fingerprint("f2")}) == len(terms) + 1
    assert clean_terms(now=NOW + timedelta(minutes=5), seconds=60).fingerprint("f1") == prints[1]
