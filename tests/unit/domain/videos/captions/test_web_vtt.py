"""WebVTT: what is valid is stored as it is, and of everything else the first wrong line is named, with the reason in words."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import InvalidCaptions
from reelgate.domain.videos.captions.web_vtt import clean_web_vtt

CUE = "00:01.000 --> 00:04.000\nHello\n"

VALID = {
    "the least": f"WEBVTT\n\n{CUE}",
    "a title": f"WEBVTT - Our holiday\n\n{CUE}",
    "a tab": f"WEBVTT\tOur holiday\n\n{CUE}",
    "what YouTube writes": f"WEBVTT\nKind: captions\nLanguage: en\n\n{CUE}",
    "identifiers": "WEBVTT\n\n1\n00:01.000 --> 00:04.000\nHello\n\nSTYLE\n00:04.000 --> 00:05.000\nYou\n",
    "hours": "WEBVTT\n\n00:00:01.000 --> 100:00:04.000\nHello\n",
    "a cue without text": "WEBVTT\n\n00:01.000 --> 00:04.000\n",
    "overlapping cues": "WEBVTT\n\n00:01.000 --> 00:04.000\na\n\n00:01.000 --> 00:02.000\nb\n",
    "comments": f"WEBVTT\n\nNOTE\nby Ada\n\nNOTE one line\n\n{CUE}\nNOTE done\n",
    "settings": "WEBVTT\n\n00:01.000 --> 00:04.000 line:0 position:20%,line-left size:60.5% align:start\nHello\n",
    "vertical": "WEBVTT\n\n00:01.000 --> 00:04.000  \t vertical:rl line:-1,end\nHello\n",
    "a style": f"WEBVTT\n\nSTYLE\n::cue(.loud) {{ color: rgb(255, 0, 0); font-weight: bold }}\n\n{CUE}",
    "a region": "WEBVTT\n\nREGION\nid:fred width:40% lines:3 regionanchor:0%,100% viewportanchor:10%,90% scroll:up\n\n"
    "00:01.000 --> 00:04.000 region:fred\nHello\n",
    "tags": "WEBVTT\n\n00:01.000 --> 00:04.000\n<v.loud Ada Lovelace>Hello <i>you</i> <b.x.y>there</b>\n"
    "<c.red><lang de-CH>Grüezi</lang></c> <u>!</u>\n",
    "ruby": "WEBVTT\n\n00:01.000 --> 00:04.000\n<ruby>漢<rt>かん</rt>字<rt>じ</ruby>\n",
    "times in a cue": "WEBVTT\n\n00:01.000 --> 00:04.000\none <00:02.000>two <00:00:03.000>three\n",
    "characters": "WEBVTT\n\n00:01.000 --> 00:04.000\nTom & Jerry, AT&T &amp; &lt;b> &nbsp;&#x1F600; &#9731; 🎬\n",
    "two voices": "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>Hello\n<v Bob>Hi\n",
    "more blank lines": f"WEBVTT\n\n\n\n{CUE}\n\n",
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID.keys())
def test_what_is_valid_is_kept(text: str) -> None:
    assert clean_web_vtt(text.encode()) == text.rstrip("\n") + "\n"


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_end_with_lf_whatever_they_end_with_and_there_is_no_byte_order_mark(line_end: str, mark: bytes) -> None:
    text = VALID["comments"]
    assert clean_web_vtt(mark + text.replace("\n", line_end).rstrip().encode()) == text


def cue(text: str) -> str:
    """A file whose second cue has a text, in line 7."""
    return f"WEBVTT\n\n{CUE}\n00:04.000 --> 00:05.000\n{text}\n"


WRONG: dict[str, tuple[bytes | str, int, str]] = {
    "nothing": ("", 1, 'a line "WEBVTT"'),
    "blank lines": ("\n\n\n", 1, 'a line "WEBVTT"'),
    "another text": ("Hello\n", 1, 'a line "WEBVTT"'),
    "SubRip": ("1\n00:00:01,000 --> 00:00:04,000\nHello\n", 1, 'a line "WEBVTT"'),
    "a blank line first": (f"\nWEBVTT\n\n{CUE}", 1, 'a line "WEBVTT"'),
    "lower case": (f"webvtt\n\n{CUE}", 1, 'a line "WEBVTT"'),
    "something behind": (f"WEBVTTX\n\n{CUE}", 1, 'a line "WEBVTT"'),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbfWEBVTT\n", 1, 'a line "WEBVTT"'),
    "an arrow in the title": (f"WEBVTT -->\n\n{CUE}", 1, '"-->" is not allowed'),
    "no blank line": (f"WEBVTT\n{CUE}", 2, "a blank line has to follow"),
    "a segment": (f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n{CUE}", 2, "not of a whole video"),
    "no cues": ("WEBVTT\n\nNOTE nothing\n", 3, "no cues"),
    "UTF-16": ("WEBVTT\n\n".encode("utf-16"), 1, "UTF-16"),
    "UTF-16, big-endian": (b"\xfe\xff\x00W", 1, "UTF-16"),
    "Latin-1": (cue("Grüße").encode("latin-1"), 7, "not UTF-8"),
    "half of a character": (f"WEBVTT\r\n\r\n{CUE}".encode() + b"\xf0\x9f", 5, "not UTF-8"),
    "a surrogate": (b"WEBVTT\n\n\xed\xa0\x80", 3, "not UTF-8"),
    "NUL": (cue("a\0b"), 7, "U+0000"),
    "an escape": (cue("\x1b[31mred"), 7, "U+001B"),
    "NEL": (cue("a\x85b"), 7, "U+0085"),
    "a picture": (b"WEBVTT\n\x89PNG", 2, "not UTF-8"),
    "gzip": (zlib.compress(b"WEBVTT"), 1, "not UTF-8"),
    "a long line": (cue("x" * 1001), 7, "longer than 1000 characters"),
    "a long cue": (cue("\n".join(["x" * 900] * 3)), 6, "longer than 2000 characters"),
    "no times": ("WEBVTT\n\nHello\nyou\n", 3, "its times are missing"),
    "a comma": ("WEBVTT\n\n00:00:01,000 --> 00:00:04.000\nHello\n", 3, '"00:00:01,000" has a comma'),
    "minutes": ("WEBVTT\n\n00:61:01.000 --> 01:62:00.000\n", 3, '"00:61:01.000" is not a time'),
    "seconds": ("WEBVTT\n\n00:01.000 --> 00:60.000\n", 3, '"00:60.000" is not a time'),
    "milliseconds": ("WEBVTT\n\n00:01.00 --> 00:02.000\n", 3, '"00:01.00" is not a time'),
    "one digit": ("WEBVTT\n\n1:00:01.000 --> 1:00:02.000\n", 3, '"1:00:01.000" is not a time'),
    "other digits": ("WEBVTT\n\n٠٠:01.000 --> 00:02.000\n", 3, "is not a time"),
    "negative": ("WEBVTT\n\n-00:01.000 --> 00:02.000\n", 3, "is not a time"),
    "endless hours": (f"WEBVTT\n\n00:01.000 --> {'9' * 500}:00:00.000\n", 3, "is not a time"),
    "no space": ("WEBVTT\n\n00:01.000-->00:02.000\n", 3, '" --> " between'),
    "one time": ("WEBVTT\n\n00:01.000 -->\n", 3, '" --> " between'),
    "the end first": ("WEBVTT\n\n00:04.000 --> 00:01.000\n", 3, "ends (00:01.000) before it begins (00:04.000)"),
    "no time": ("WEBVTT\n\n00:04.000 --> 00:04.000\n", 3, "or at once"),
    "out of order": (f"WEBVTT\n\n{CUE}\n00:00.999 --> 00:05.000\n", 6, "before the one above it"),
    "a blank line is missing": (cue("Hello\n00:05.000 --> 00:06.000"), 8, "Is the blank line before the next cue missing?"),
    "an arrow in the text": (cue("a --> b"), 7, '"-->" is not allowed in the text of a cue'),
    "an arrow in a comment": (f"WEBVTT\n\nNOTE\na --> b\n\n{CUE}", 4, '"-->" is not allowed in a comment'),
    "an unknown setting": ("WEBVTT\n\n00:01.000 --> 00:02.000 colour:red\n", 3, '"colour:red" is not a setting'),
    "an older value": ("WEBVTT\n\n00:01.000 --> 00:02.000 align:middle\n", 3, 'align cannot be "middle"'),
    "more than all": ("WEBVTT\n\n00:01.000 --> 00:02.000 size:101%\n", 3, 'size cannot be "101%"'),
    "twice": ("WEBVTT\n\n00:01.000 --> 00:02.000 size:1% size:2%\n", 3, "size is given twice"),
    "no such region": ("WEBVTT\n\n00:01.000 --> 00:02.000 region:x\n", 3, 'no region "x"'),
    "a region without id": (f"WEBVTT\n\nREGION\nwidth:10%\n\n{CUE}", 3, "no id"),
    "two regions": (f"WEBVTT\n\nREGION\nid:a\n\nREGION\nid:a\n\n{CUE}", 6, 'two regions "a"'),
    "a late style": (f"WEBVTT\n\n{CUE}\nSTYLE\n::cue {{}}\n", 6, "before the first cue"),
    "a style that loads": (f"WEBVTT\n\nSTYLE\n::cue {{\n background: URL (//evil.example) }}\n\n{CUE}", 5, "a style sheet"),
    "a style that imports": (f'WEBVTT\n\nSTYLE\n@import "//evil.example";\n\n{CUE}', 4, "a style sheet"),
    "a style that escapes": (f"WEBVTT\n\nSTYLE\n::cue {{ background: u\\72l(x) }}\n\n{CUE}", 4, "a style sheet"),
    "a style that ends itself": (f"WEBVTT\n\nSTYLE\n</style><script>\n\n{CUE}", 4, "a style sheet"),
    "a script": (cue("Hello\n<script>alert(1)</script>"), 8, '"<script>" is not allowed'),
    "a picture in HTML": (cue("<img src=x onerror=alert(1)>"), 7, "is not allowed"),
    "a handler": (cue("<b onclick=alert(1)>x</b>"), 7, "only <v> and <lang>"),
    "a font": (cue('<font color="red">x</font>'), 7, "is not allowed"),
    "a comment of HTML": (cue("<!-- x >"), 7, "is not allowed"),
    "upper case": (cue("<B>x</B>"), 7, '"<B>" is not allowed'),
    "a lone <": (cue("1 < 2"), 7, "is no complete tag"),
    "a tag over two lines": (cue("<script\n>x"), 7, "is not allowed"),
    "a tag that does not end": (cue("a\n<b>x"), 8, "<b> has no </b>"),
    "an end without a beginning": (cue("x</b>"), 7, "</b> ends no tag"),
    "crossed": (cue("<b><i>x</b></i>"), 7, "</b> ends no tag"),
    "an end with a class": (cue("<b>x</b.y>"), 7, "is no end of a tag"),
    "nobody's voice": (cue("<v>x"), 7, "This needs one"),
    "rt outside": (cue("<rt>x</rt>"), 7, "inside <ruby>"),
    "a time outside": (cue("x <00:03.000>y"), 7, "inside its cue"),
    "times out of order": (cue("x <00:04.500>y <00:04.400>"), 7, "after the one before it"),
    "an unknown character": (cue("&nosuchthing;"), 7, "no character that HTML knows"),
    "NUL by its number": (cue("&#0;"), 7, "no character"),
    "a surrogate by its number": (cue("&#xD800;"), 7, "no character"),
    "beyond Unicode": (cue("&#1114112;"), 7, "no character"),
}


@pytest.mark.parametrize(("content", "line", "reason"), WRONG.values(), ids=WRONG.keys())
def test_the_first_wrong_line_is_named_with_the_reason(content: bytes | str, line: int, reason: str) -> None:
    with pytest.raises(InvalidCaptions) as refused:
        clean_web_vtt(content if isinstance(content, bytes) else content.encode())
    assert (refused.value.line, refused.value.code) == (line, "invalid_captions")
    assert refused.value.detail.startswith(f"Line {line}: ")
    assert reason in refused.value.detail
    assert len(refused.value.detail) < 300


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for tried in (content, b"WEBVTT\n\n" + content, b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + content):
        try:
            text = clean_web_vtt(tried)
        except InvalidCaptions:
            continue
        assert clean_web_vtt(text.encode()) == text


@given(st.lists(st.sampled_from("<>&;/. \nbivclangrubyt01:-#x\"'"), max_size=60).map("".join))
def test_no_accepted_text_has_a_tag_that_webvtt_does_not_know(text: str) -> None:
    try:
        accepted = clean_web_vtt(cue(text).encode())
    except InvalidCaptions:
        return
    lowered = accepted.lower()
    assert not any(f"<{letter}" in lowered for letter in "adefghjkmnopqstwxyz!?")
