"""Routes of version 1 in the `library` function: captions of a video, a WebVTT file for each language."""

from __future__ import annotations

from typing import Annotated, Protocol

from msgspec import Meta, Struct
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.videos.captions.changes import MAX_BYTES, NewCaptions
from reelgate.domain.videos.captions.labels import MAX_LABEL_CHARACTERS, clean_label
from reelgate.domain.videos.captions.language_tags import clean_language
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.videos import manage_captions as managing
from reelgate.web.http.bodies import BodyTurns, bounded, paced
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import checked_by, v1
from reelgate.web.v1.videos.video_file_shapes import Captions, captions_of


class Services(CommitServices, HasFunctionName, Protocol):
    """What these routes need."""


WEB_VTT = "text/vtt"
TEXTS_AT_ONCE = 4
INSTEAD = "send one file after the other"
# Read and committed in a turn: of a user's texts, no more than fit into one request to the database share a commit.
_TURNS = BodyTurns(TEXTS_AT_ONCE)


class CaptionsQuery(Struct, kw_only=True):
    """What players show of the captions, besides the text."""

    label: Annotated[
        str | None,
        Meta(
            description=f"What players show in their menus: one line of 1 to {MAX_LABEL_CHARACTERS} characters, which no other "
            "captions of the video have. Without it, the language tag.",
            examples=["Português (Brasil)"],
        ),
        checked_by(clean_label),
    ] = None
    default: Annotated[
        bool,
        Meta(description="Whether players show them unless somebody chooses otherwise. Other languages are it no longer then."),
    ] = False


async def set_captions(call: Call[Services], query: CaptionsQuery) -> Captions:
    """Upload captions in a language.

    The body is a WebVTT file in UTF-8 of at most 1 MiB, without any content encoding. It replaces captions in the same
    language; repeating the request changes nothing. The text is stored without a byte order mark, and its lines end with LF. If
    it is not valid, the answer has the first wrong `line`, and says what is wrong with it.
    """
    video_id, language = _video_id(call), clean_language(call.params["language"])
    label = query.label or language
    call.note(file_id=video_id, language=language, label=label, default=query.default)
    async with _TURNS.turn(call.caller.uid, per_user=call.services.policy.forms_per_user, instead=INSTEAD):
        text = await _text(call)
        call.note(size=len(text.encode()))
        new = NewCaptions.of(language, text, label=label, default=query.default)
        return captions_of(await managing.put_captions(call.services, call.caller, video_id, new, audit=call.audit))


async def get_captions(call: Call[Services]) -> Response:
    """Download captions in a language.

    The WebVTT file as it was put, as UTF-8.
    """
    found = await managing.show_captions(call.services, call.caller, _video_id(call), call.params["language"])
    return Response(found.text, media_type=WEB_VTT)


async def delete_captions(call: Call[Services]) -> None:
    """Remove captions in a language.

    Removing them again changes nothing.
    """
    video_id, language = _video_id(call), managing.language_of_url(call.params["language"])
    call.note(file_id=video_id, language=language)
    await managing.remove_captions(call.services, call.caller, video_id, language, audit=call.audit)


def _video_id(call: Call[Services]) -> str:
    return call.file_id("video_id", errors.VideoNotFound)


async def _text(call: Call[Services]) -> str:
    """Return the body as it is stored.

    Raises UnsupportedType, TooLarge, RequestTooSlow, InvalidCaptions.
    """
    from reelgate.domain.videos.captions.web_vtt import clean_web_vtt  # noqa: PLC0415 - slow to import, and rarely needed

    _check_type(call.request.headers.get("content-type", ""), call.request.headers.get("content-encoding", ""))
    request = paced(call.request, call.services.policy.form_min_bytes_per_second, instead=INSTEAD)
    return clean_web_vtt(await bounded(request, MAX_BYTES).body())


def _check_type(content_type: str, encoding: str) -> None:
    """Check the headers. An encoded body is refused, not decoded: a few bytes can stand for any number."""
    kind, _, parameters = content_type.lower().partition(";")
    if kind.strip() != WEB_VTT or parameters.replace('"', "").strip() not in {"", "charset=utf-8", "charset=utf8"}:
        raise errors.UnsupportedType("Captions are sent as WebVTT files in UTF-8.", hint=f"Send Content-Type: {WEB_VTT}.")
    if encoding.strip().lower() not in {"", "identity"}:
        raise errors.UnsupportedType("Captions are sent as they are, not compressed.", hint="Leave out Content-Encoding.")


_PATH = "/v1/videos/{video_id}/captions/{language}"
ROUTES = (
    v1(
        "PUT",
        _PATH,
        set_captions,
        takes=CaptionsQuery,
        sends=WEB_VTT,
        gives=Captions,
        action="captions.put",
        named=("file_id", "filename"),
        refuses=(
            *(errors.VideoNotFound, errors.InvalidCaptions, errors.UnsupportedType, errors.RequestTooSlow),
            *(errors.LabelTaken, errors.TooManyCaptions, errors.StorageLimitExceeded, errors.AccountDisabled),
        ),
    ),
    v1(
        "GET",
        _PATH,
        get_captions,
        status=200,
        media_types={WEB_VTT: "The text, in UTF-8."},
        refuses=(errors.VideoNotFound, errors.CaptionsNotFound),
    ),
    v1(
        "DELETE",
        _PATH,
        delete_captions,
        action="captions.deleted",
        named=("file_id", "filename"),
        refuses=(errors.VideoNotFound, errors.CaptionsNotFound),
    ),
)
