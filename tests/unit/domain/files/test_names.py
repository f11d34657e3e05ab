"""File names and what is derived from them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.files import names
from reelgate.domain.files.names import ObjectName

GOOD = ["a.mp4", "Füße 🎬.mp4", "日本語.webm", ".hidden", "a b", "..a", "a..", "%2F", "na\u200dme", "#?&=", "-", "a" * 1024]
GOOD += [
    "\U0001fae8.mp4",  # shaking face, Unicode 15
    "\U0001fadc.mp4",  # root vegetable, Unicode 16
    "\U0001fac8.mp4",  # hairy creature, Unicode 17
    "a\u0378b",  # not assigned yet
    "a\U000e0fffb",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.mp4",  # the flag of England is made of tags
    "12\uf02230.mp4",  # as macOS writes 12:30 over SMB
    "\uf8ff.mp4",  # Apple's logo
    "a\U000f0000\U0010fffdb",
    "a\u200eb\u200fc\u061cd",  # marks of the direction
]
BAD = {
    "a/b": "plain name",
    "..": "plain name",
    ".": "plain name",
    "a\\b": "plain name",
    " a": "white space",
    "a ": "white space",
    "a\n": "white space",
    "a\u00a0": "white space",
    "a\x00b": "control",
    "a\tb": "control",
    "a\x7fb": "control",
    "a\u0085b": "control",
    "a\u2028b": "control",
    "a\ud800b": "control",
    "a\ufdd0b": "not characters",
    "a\ufdefb": "not characters",
    "a\ufffeb": "not characters",
    "a\uffffb": "not characters",
    "a\U0001fffeb": "not characters",
    "a\U0010ffffb": "not characters",
    **{f"a{chr(control)}b": "direction" for control in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    "a" * 1025: "too long",
    "ü" * 513: "too long",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_plain_name_is_taken_as_it_is(name: str) -> None:
    assert names.clean_filename(name) == name


@pytest.mark.parametrize("name", BAD)
def test_anything_but_a_plain_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        names.clean_filename(name, field="file")
    assert refused.value.field == "file"
    assert BAD[name] in refused.value.detail


@pytest.mark.parametrize("name", [None, "", "  ", 5, ["a.mp4"], b"a.mp4"])
def test_no_name_is_told_in_the_caller_s_words(name: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        names.clean_filename(name, missing="Filename is required")
    assert refused.value.message == "Filename is required"


def test_names_that_look_the_same_are_the_same() -> None:
    composed, decomposed = "Füße.mp4", unicodedata.normalize("NFD", "Füße.mp4")
    assert composed != decomposed
    assert names.clean_filename(decomposed) == composed


@given(st.text(max_size=40))
def test_whatever_is_taken_is_safe_and_stays_the_same(raw: str) -> None:
    try:
        name = names.clean_filename(raw)
    except InvalidRequest:
        return
    assert names.clean_filename(name) == name
    assert names.clean_filename(unicodedata.normalize("NFD", name)) == name
    assert name not in {"", ".", ".."}
    assert not re.search(r"[/\\\x00-\x1f\x7f-\x9f]", name)
    assert len(name.encode()) <= 1024
    parts = ObjectName("uid", "file-1", name)
    assert names.parse_object_name(str(parts)) == parts


@given(st.text(max_size=60))
def test_only_names_that_this_store_gives_are_parsed(name: str) -> None:
    parts = names.parse_object_name(name)
    assert parts is None or str(parts) == name


@pytest.mark.parametrize(
    "name",
    [
        "a.mp4",
        "uid/a.mp4",
        "/f/a.mp4",
        "uid//a.mp4",
        "uid/f/",
        "uid/f/a/b",
        "uid/f ü/a.mp4",
        f"uid/{'f' * 65}/a",
        "u/f/a\u0308",
        "u/f/..",
    ],
)
def test_other_objects_are_nobody_s(name: str) -> None:
    assert names.parse_object_name(name) is None


def test_an_object_name_has_to_fit_with_owner_and_id() -> None:
    assert names.object_name("uid", "f1", "a" * 1017) == "uid/f1/" + "a" * 1017
    with pytest.raises(InvalidRequest, match="too long") as refused:
        names.object_name("uid", "f1", "a" * 1018)
    assert refused.value.field == "filename"
    assert "1 bytes too long" in str(refused.value.hint)


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_name_s_key_is_a_document_id_of_its_own(one: str, other: str) -> None:
    keys = names.name_key(one), names.name_key(other)
    assert re.fullmatch(r"[0-9a-f]{40}", keys[0])
    assert (keys[0] == keys[1]) == (one == other)


def test_a_name_s_key_never_changes() -> None:
    """Documents are found by it: another key for the same name would hide every stored video."""
    assert names.name_key("a.mp4") == "e6d48eabd560bc608c65a1e97dc9f55c8b88e4c9"


@pytest.mark.parametrize(
    ("text", "expected"), [("a", True), ("A-_9", True), ("-a", False), ("", False), ("a.b", False), ("a" * 65, False)]
)
def test_file_ids(text: str, expected: bool) -> None:
    assert names.is_file_id(text) is expected


@pytest.mark.parametrize("raw", ["AAAAAA==", "n03x6A==", None])
def test_checksums(raw: str | None) -> None:
    assert names.clean_crc32c(raw) == raw


@pytest.mark.parametrize("raw", ["", "AAAAAA=", "AAAAAAA=", "deadbeef", 5, "AAAAAA==\n"])
def test_what_is_no_checksum(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        names.clean_crc32c(raw)
    assert refused.value.field == "crc32c"


def test_titles() -> None:
    assert names.clean_title(None) is None
    assert names.clean_title(" Zwei Fu\u0308ße ") == "Zwei Füße"
    assert names.clean_title("t" * 200) == "t" * 200


@pytest.mark.parametrize("name", [name for name in GOOD if len(name) <= 200])
def test_what_a_name_may_have_a_title_may_have(name: str) -> None:
    assert names.clean_title(name) == name


@pytest.mark.parametrize("name", [name for name, why in BAD.items() if why in {"control", "direction", "not characters"}])
def test_what_a_name_may_not_have_a_title_may_not_have(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        names.clean_title(name)
    assert refused.value.field == "title"
    assert BAD[name] in refused.value.detail


@pytest.mark.parametrize("raw", ["", "  ", "t" * 201, "a\nb", "a\x00", 5])
def test_what_is_no_title(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        names.clean_title(raw)
    assert refused.value.field == "title"


@pytest.mark.parametrize(("raw", "minimum"), [(1, 1), (0, 0), (2**53 - 1, 1)])
def test_sizes(raw: int, minimum: int) -> None:
    assert names.clean_size(raw, minimum=minimum) == raw


@pytest.mark.parametrize("raw", [0, -1, 2**53, 1.0, "1", None, True, [1]])
def test_what_is_no_size(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        names.clean_size(raw)
    assert refused.value.field == "size"
