"""The `fields` parameter."""

from typing import Any

import pytest

from localcloud.gcs.errors import StorageError
from localcloud.gcs.json_api.selection import parse_fields, select

DOCUMENT = {"kind": "k", "items": [{"name": "a", "acl": {"entity": "e", "role": "r"}}, {"size": "1"}], "next": {"a": {"b": 1}}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("kind", {"kind": "k"}),
        ("*", DOCUMENT),
        ("items/name", {"items": [{"name": "a"}, {}]}),
        ("items(name,size)", {"items": [{"name": "a"}, {"size": "1"}]}),
        ("items(acl(role)), kind", {"kind": "k", "items": [{"acl": {"role": "r"}}, {}]}),
        ("items/acl/entity,items/size", {"items": [{"acl": {"entity": "e"}}, {"size": "1"}]}),
        ("items/acl/entity,items", {"items": DOCUMENT["items"]}),
        ("items,items/name", {"items": DOCUMENT["items"]}),
        ("next/*/b", {"next": {"a": {"b": 1}}}),
        ("none", {}),
    ],
)
def test_what_is_selected(fields: str, expected: dict[str, Any]) -> None:
    assert select(DOCUMENT, parse_fields(fields)) == expected


@pytest.mark.parametrize("fields", ["", ",", "a,", "a(", "a(b", "a)", "a//b", "/a", "a()", "a(b))"])
def test_what_cannot_be_read(fields: str) -> None:
    with pytest.raises(StorageError, match="Invalid field selection"):
        parse_fields(fields)
