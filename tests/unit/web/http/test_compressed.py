"""Texts are compressed for clients that take it, and only for those."""

from __future__ import annotations

import gzip

import pytest
from starlette.requests import Request

from reelgate.web.http.answers.compressed import MIN_BYTES, accepts_gzip, text_answer

TEXT = "#EXTM3U\n" * MIN_BYTES


def request(*accept_encoding: str) -> Request:
    headers = [(b"accept-encoding", value.encode()) for value in accept_encoding]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})


@pytest.mark.parametrize(
    ("accept_encoding", "taken"),
    [
        ((), False),
        (("gzip",), True),
        (("deflate, GZIP;q=0.5, br",), True),
        (("br", "gzip"), True),
        (("x-gzip",), True),
        (("*",), True),
        (("identity",), False),
        (("gzip;q=0",), False),
        (("gzip; q=0.000, *",), False),
        (("*;q=0",), False),
        (("gzip;q=0.001",), True),
        (("gzipped",), False),
    ],
)
def test_what_a_client_takes(accept_encoding: tuple[str, ...], taken: bool) -> None:
    assert accepts_gzip(request(*accept_encoding)) == taken


def test_a_text_is_compressed_for_who_takes_it() -> None:
    answer = text_answer(request("gzip"), TEXT, media_type="text/vtt")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(bytes(answer.body)).decode() == TEXT
    assert int(answer.headers["content-length"]) == len(answer.body) < len(TEXT) // 20


@pytest.mark.parametrize(("accept_encoding", "text"), [("identity", TEXT), ("gzip", "#EXTM3U\n")])
def test_others_and_short_texts_are_sent_as_they_are(accept_encoding: str, text: str) -> None:
    answer = text_answer(request(accept_encoding), text, media_type="text/vtt")
    assert "content-encoding" not in answer.headers
    assert bytes(answer.body).decode() == text
    assert answer.headers["vary"] == "Accept-Encoding"
