"""Request and answer types of routes, declared once: they parse, check and serialize, and openapi.yaml is made from them.

Shapes are msgspec structs. A route that is made by `v1` parses what it takes, calls its handler with it, and serializes what
the handler returns. Every wrong or unknown field of a request is named at once. A shape of changes can name what cannot be
changed (`FIXED: ClassVar[Mapping[str, str]]`), each with the sentence that refuses it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, overload

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo
from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.value_types import positional_value_type
from reelgate.web.http.bodies import MAX_SHOWN_CHARACTERS, json_object
from reelgate.web.http.calls import MAX_LIST, Call, Route
from reelgate.web.http.fields.field_sentences import field_in_words, joined, missing, unknown
from reelgate.web.http.fields.wrong_places import wrong_places
from reelgate.web.http.route_shape import Shape

MAX_NAMED = 20
"""Wrong fields that one answer names."""

_CHECK = "check"
_DIGITS = re.compile(r"-?[0-9]+")
_KEEP_SPACES = 0  # of msgspec's `indent`: one line, with the spaces that people see in a terminal


@positional_value_type
class Answer[G: Struct | None]:
    """What a handler returns if the answer has another status than the route's, or headers of its own."""

    value: G
    status: int | None = None
    headers: Mapping[str, str] | None = None


def checked_by(check: Callable[..., Any]) -> Meta:
    """Return an annotation of a field: the domain's `check(value, field=...)` returns the clean value or raises InvalidRequest.

    What it finds is named with all other wrong fields.
    """
    return Meta(extra={_CHECK: check})


Instant = Annotated[datetime, Meta(tz=True)]
"""A point in time, with its time zone."""


class ListQuery(Struct, kw_only=True):
    """Which page of a list. Queries of lists inherit from it; `Call.cursor` reads the cursor."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIST, description="The maximum number of items per page.")] = 50
    cursor: Annotated[
        str | None,
        Meta(description="`next_cursor` of the page before. It is valid for one list and user, with the same parameters."),
    ] = None


type Given[G: Struct] = G | Answer[G] | Response


@overload
def v1[S, G: Struct](
    method: str, path: str, handler: Callable[[Call[S]], Awaitable[Given[G]]], *, gives: type[G], **more: Any
) -> Route[S]: ...
@overload
def v1[S, T: Struct, G: Struct](
    method: str, path: str, handler: Callable[[Call[S], T], Awaitable[Given[G]]], *, takes: type[T], gives: type[G], **more: Any
) -> Route[S]: ...
@overload
def v1[S, T: Struct](
    method: str, path: str, handler: Callable[[Call[S], T], Awaitable[Response | None]], *, takes: type[T], **more: Any
) -> Route[S]: ...
@overload
def v1[S](method: str, path: str, handler: Callable[[Call[S]], Awaitable[Response | None]], **more: Any) -> Route[S]: ...
def v1(
    method: str,
    path: str,
    handler: Callable[..., Awaitable[Any]],
    *,
    takes: type[Struct] | None = None,
    sends: str | None = None,
    gives: type[Struct] | None = None,
    status: int | None = None,
    also: Mapping[int, str] | None = None,
    media_types: Mapping[str, str] | None = None,
    refused_in: str | None = None,
    headers: Mapping[str, str] | None = None,
    refuses: Iterable[type[errors.ReelgateError]] = (),
    **options: Any,
) -> Route[Any]:
    """Return a route of version 1. For the parameters see `Shape`; `options` are those of `Route`.

    The handler's name is the operation's id: a verb and a noun (`update_video`), after `admin_` on routes for admins. Its
    docstring is the operation's summary (first line) and description. It gets the call and, if the route takes something, that;
    it returns an instance of `gives`, an `Answer` with one, None where nothing is given, or a `Response` of its own (redirects,
    streams).
    """
    shape = Shape(
        takes=takes,
        sends=sends,
        gives=gives,
        status=status or (200 if gives else 204),
        also=also or {},
        media_types=media_types or {},
        refused_in=refused_in,
        headers=headers or {},
        refuses=tuple(refuses),
        handler=handler,
        method=method,
    )
    query = tuple(_fields(shape.query)) if shape.query else ()

    async def handle(call: Call[Any]) -> Response:
        return _answer(shape, await handler(call, *await _taken(shape, call.request)))

    return Route(method, path, handle, query=query, shape=shape, **options)


def serialized(value: Struct) -> bytes:
    """Return an answer as JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=_KEEP_SPACES)


def _answer(shape: Shape, given: Any) -> Response:
    if isinstance(given, Response):
        return given
    status, headers = shape.status, {}
    if isinstance(given, Answer):
        status, headers = given.status or status, dict(given.headers or {})
        given = given.value
    if given is None:
        return Response(status_code=status, headers=headers)
    return Response(serialized(given), status, headers=headers, media_type="application/json")


async def _taken(shape: Shape, request: Request) -> tuple[Struct, ...]:
    """Return what the request has for the handler. Raises InvalidRequest with all wrong fields, TooLarge."""
    wrong = _Wrong()
    if shape.query is not None:
        return (_parsed_query(request, shape.query, wrong),)
    _parsed_query(request, Struct, wrong)  # none is known
    if shape.takes is None:
        return ()
    may_be_empty = not any(field.required for field in _fields(shape.takes).values())
    given = await json_object(request, may_be_empty=may_be_empty, names_once=True)
    return (_parsed(given, shape.takes, wrong, strict=True, noun="field"),)


def _parsed_query[T: Struct](request: Request, kind: type[T], wrong: _Wrong) -> T:
    if not request.scope["query_string"]:  # what all routes of the hot path are asked
        return _parsed({}, kind, wrong, strict=False, noun="parameter")
    given = request.query_params.multi_items()
    for name, count in Counter(name for name, _ in given).items():
        if count > 1:
            wrong.add(name, f"The {field_in_words(name)} is given twice.")
    if kind is Struct and not given:
        return kind()
    return _parsed(dict(given), kind, wrong, strict=False, noun="parameter")


class _Wrong(list[errors.FieldError]):
    def __init__(self) -> None:
        super().__init__()
        self._hints: list[str] = []

    @property
    def hint(self) -> str | None:
        """Return what the developer of the client should know."""
        return " ".join(dict.fromkeys(self._hints)) or None

    def advise(self, hint: str | None) -> None:
        """Note a hint, if there is one."""
        if hint:
            self._hints.append(hint)

    def add(self, name: str, message: str) -> None:
        """Note what is wrong with a field. Its name is shortened: it may be the client's."""
        self.append(errors.FieldError(name[:MAX_SHOWN_CHARACTERS], message))


def _parsed[T: Struct](given: Mapping[str, Any], kind: type[T], wrong: _Wrong, *, strict: bool, noun: str) -> T:
    """Return the values as an instance of their type. Each field is converted by itself, so that all wrong ones are found."""
    fields = _fields(kind)
    values = {}
    fixed: Mapping[str, str] = getattr(kind, "FIXED", {})
    for name in sorted(given.keys() & fixed.keys()):
        wrong.add(name, fixed[name])
    for name in (strange := sorted(given.keys() - fields.keys() - fixed.keys())):
        wrong.add(name, unknown(noun))
    if strange:
        wrong.advise(_known(strange[0], fields, noun))
    for name, field in fields.items():
        if name not in given:
            if field.required:
                wrong.add(name, missing(name))
            continue
        try:
            value = msgspec.convert(given[name], field.type, strict=strict)
            if type(value) is int and isinstance(given[name], str) and not _DIGITS.fullmatch(given[name]):
                raise msgspec.ValidationError("Expected `int`, got `str`")  # msgspec takes 1e2, too
            values[field.name] = _clean(value, field)
        except msgspec.ValidationError as error:
            for at, message in wrong_places(name, given[name], field.type, error, strict=strict):
                wrong.add(at, message)
        except errors.InvalidRequest as error:
            wrong += error.errors
            wrong.advise(error.hint)
    if wrong:
        detail = joined(error.message for error in wrong)
        raise errors.InvalidRequest(detail, errors=wrong[:MAX_NAMED], hint=wrong.hint)
    return kind(**values)


@cache  # msgspec evaluates the annotations anew each time, which takes longer than all else that a request's shape costs
def _fields(kind: type[Struct]) -> Mapping[str, FieldInfo]:
    """Return the fields of a shape by the names that JSON and queries have for them."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _clean(value: Any, field: FieldInfo) -> Any:
    """Return a value after the check that its field is annotated with. Raises InvalidRequest."""
    for note in getattr(field.type, "__metadata__", ()):
        if isinstance(note, Meta) and note.extra and _CHECK in note.extra:
            value = note.extra[_CHECK](value, field=field.encode_name)
    return value


def _known(name: str, fields: Iterable[str], noun: str) -> str:
    names = ", ".join(fields)
    known = f"Known are {names}." if names else f"This route has no {noun}s."
    return f"There is no {noun} '{name[:MAX_SHOWN_CHARACTERS]}'. {known}"
