"""Answers of the two APIs: JSON documents, XML documents, and the error format of each."""

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from localcloud.gcs.errors import StorageError

XML_TYPE = "application/xml; charset=UTF-8"
JSON_TYPE = "application/json; charset=UTF-8"
TEXT_TYPE = "text/html; charset=UTF-8"  # Cloud Storage's name for this type


class JsonAnswer(web.Response):
    """A JSON document that can be changed before it is sent."""

    def __init__(self, document: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> None:
        super().__init__(status=status, headers={"Content-Type": JSON_TYPE, **headers})
        self.document = dict(document)

    @property
    def document(self) -> dict[str, Any]:
        """The document in the body."""
        return self._document

    @document.setter
    def document(self, document: dict[str, Any]) -> None:
        """Replace the document in the body."""
        self._document = document
        self.body = json.dumps(document, ensure_ascii=False).encode(errors="replace")


def json_answer(document: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> JsonAnswer:
    """A JSON document."""
    return JsonAnswer(document, status, headers or {})


def xml_answer(root: str, inner: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An XML document; `inner` is the already escaped content of `root`."""
    text = f"<?xml version='1.0' encoding='UTF-8'?><{root}>{inner}</{root.split(maxsplit=1)[0]}>"
    return web.Response(
        body=text.encode(errors="replace"), status=status, headers={"Content-Type": XML_TYPE, **(headers or {})}
    )


def empty_answer(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer without body and content type."""
    answer = web.Response(status=status, headers=headers)
    answer.headers.setdefault("Content-Length", "0")
    if "Content-Type" not in (headers or {}):
        answer.headers["Content-Type"] = "text/html; charset=UTF-8"
    return answer


def xml_element(name: str, text: str) -> str:
    """One element with its text escaped; characters XML cannot carry become `?`."""
    legal = "".join(char if char in "\t\n\r" or char >= " " else "?" for char in text)
    return f"<{name}>{escape(legal)}</{name}>"


def xml_error(error: StorageError) -> web.Response:
    """The XML API's error document: Code, Message, the refusal's own elements, Details."""
    elements = {"Code": error.refusal.xml_code, "Message": error.refusal.text, **error.elements}
    if error.details:
        elements["Details"] = error.details
    inner = "".join(xml_element(name, text) for name, text in elements.items())
    return xml_answer("Error", inner, error.status, error.headers)


def json_error(error: StorageError) -> web.Response:
    """The JSON API's error document, or its bare text."""
    message = error.details or error.refusal.text
    if error.plain:
        body = message.encode(errors="replace")
        return web.Response(body=body, status=error.status, headers={"Content-Type": TEXT_TYPE, **error.headers})
    reason = {"message": message, "domain": "global", "reason": error.refusal.json_reason}
    document = {"error": {"code": error.status, "message": message, "errors": [reason]}}
    return json_answer(document, error.status, error.headers)
