"""Answers in XML, as clients of Amazon S3 read them: results, and errors as `<Error><Code><Message>`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

from starlette.responses import Response

type Element = tuple[str, str | int | Sequence[Element]]
"""A name, and a text, a number or more elements."""

MEDIA_TYPE = "application/xml"
"""Exactly that, without a charset: Uppy's reader compares the whole header."""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot contain, not even escaped (section 2.2)."""
_ELSEWHERE = frozenset({"type", "title", "status", "code", "detail", "hint", "request_id"})


def xml_answer(root: str, members: Sequence[Element], status: int = 200) -> Response:
    """Return a result."""
    return _response(f'{_HEAD}<{root} xmlns="{_NAMESPACE}">{_written(members)}</{root}>', status)


def as_xml(problem: Response) -> Response:
    """Return a problem's answer as S3 writes errors, with the same status, headers and code. Lists are left out."""
    body = json.loads(bytes(problem.body))
    members: list[Element] = [("Code", body["code"]), ("Message", body["detail"])]
    if "hint" in body:
        members.append(("Hint", body["hint"]))
    members += [
        ("".join(map(str.capitalize, name.split("_"))), value)
        for name, value in body.items()
        if name not in _ELSEWHERE and isinstance(value, str | int)
    ]
    members.append(("RequestId", body["request_id"]))
    answer = _response(f"{_HEAD}<Error>{_written(members)}</Error>", problem.status_code)
    own = {"content-type", "content-length"}
    for name, value in problem.headers.items():
        if name not in own:
            answer.headers.append(name, value)
    return answer


def _written(members: Sequence[Element]) -> str:
    return "".join(f"<{name}>{_content(content)}</{name}>" for name, content in members)


def _content(content: str | int | Sequence[Element]) -> str:
    if isinstance(content, str | int):
        return escape(_NOT_XML.sub("\ufffd", str(content)), quote=False)
    return _written(content)


def _response(text: str, status: int) -> Response:
    return Response(text.encode(), status, media_type=MEDIA_TYPE)
