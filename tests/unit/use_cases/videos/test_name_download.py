"""Content-Disposition: the plain name for old clients is a harmless one, the real name comes whole."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.files import names
from reelgate.use_cases.videos.name_download import attachment

HEADER = re.compile(r"attachment; filename=\"([ !#-~]+)\"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)")

# Characters whose compatibility forms have something in them that may not be in the plain name.
TREACHEROUS = [
    character
    for character in map(chr, range(0x80, 0x110000))
    if unicodedata.decomposition(character) and set(unicodedata.normalize("NFKD", character)) & set('/\\:*?"<>|;%')
]


def names_in(header: str) -> tuple[str, str]:
    match = HEADER.fullmatch(header)
    assert match is not None, header
    return match[1], unquote(match[2])


@pytest.mark.parametrize(
    ("filename", "plain"),
    [
        ("\uff0ftmp\uff0fx.webm", "_tmp_x.webm"),  # full-width slashes
        ("\u2100.webm", "a_c.webm"),  # account of
        ("\u2105.webm", "c_o.webm"),  # care of
        ("c\uff1a\uff3cx.webm", "c__x.webm"),  # full-width colon and backslash
        ("\uff0e\uff0e\uff0fx.webm", "video.._x.webm"),  # full-width dots
        ("\u2025\uff0fx.webm", "video.._x.webm"),  # two-dot leader
        ("\u2025", "video"),
        ("a\u2026", "a"),  # an ellipsis at the end is dots, which Windows drops
        ("12:30?.mp4", "12_30_.mp4"),
        ('a"b\\c%d;e|f<g>h*.mp4', "a_b_c_d_e_f_g_h_.mp4"),
        ("Über.mp4", "Uber.mp4"),
        ("日本語.mp4", "video.mp4"),
        ("12\uf02230.mp4", "1230.mp4"),
    ],
)
def test_the_plain_name(filename: str, plain: str) -> None:
    assert names_in(attachment(filename)) == (plain, filename)


def test_no_compatibility_form_brings_in_what_separates() -> None:
    assert len(TREACHEROUS) > 20
    for character in TREACHEROUS:
        plain, _ = names_in(attachment(f"a{character}b.mp4"))
        assert not set(plain) & set('/\\:*?"<>|;%'), hex(ord(character))


@given(st.text(max_size=40))
def test_whatever_a_file_is_called(raw: str) -> None:
    try:
        filename = names.clean_filename(raw)
    except InvalidRequest:
        return
    plain, whole = names_in(attachment(filename))
    assert whole == filename
    assert plain.strip(" ") == plain
    assert not plain.startswith(".")
    assert not plain.endswith(".")
