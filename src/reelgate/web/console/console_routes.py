"""Routes of the web console: its page, and the files that the page loads. They know nothing of users, and read no record."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reelgate.domain import errors
from reelgate.ports.storage import HasStorageUrl
from reelgate.web.console import files
from reelgate.web.http.answers.assets import ASK_FIRST, FOR_EVER, asset_answer
from reelgate.web.http.answers.content_security import page_headers
from reelgate.web.http.calls import Call, Route, Routes
from reelgate.web.http.shapes import v1

CONSOLE_PATH = "/"

_MORE_HEADERS = {
    # Somebody is signed in here. Windows of other sites get no hold of it, and no connection is made without TLS from now on
    # (a browser that came without TLS, as to the local cloud, ignores the second: RFC 6797, section 8.1).
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Services(HasStorageUrl, Protocol):
    """What these routes need."""


async def get_console(call: Call[Services]) -> Response:
    """Show the web console.

    One page for people, who sign in there, upload, watch and share their videos by this API. Browsers keep it, and ask each
    time whether it is still the same (`If-None-Match`). A query is ignored: links get some on their way.
    """
    try:
        found = files.console()
    except files.ConsoleNotBuiltError as error:
        return HTMLResponse(_not_built(str(error)), headers=page_headers(loads_from=(), framed_by=None))
    tag = f'W/"{found.version}"'  # weak: the same page, compressed or not
    if _knows(call.request, tag):
        answer = Response(status_code=304, headers={"Cache-Control": ASK_FIRST, "Vary": "Accept-Encoding"})
    else:
        answer = asset_answer(call.request, found.page, cache_control=ASK_FIRST)
        answer.headers.update(page_headers(loads_from=(call.services.storage_url,), framed_by=None, has_workers=True))
        answer.headers.update(_MORE_HEADERS)
    answer.headers["ETag"] = tag
    return answer


async def get_console_asset(call: Call[Services]) -> Response:
    """Get a file that the web console loads.

    Its name has a digest in it, and it never has another content.
    """
    try:
        asset = files.console().assets.get(call.params["asset"])
    except files.ConsoleNotBuiltError as error:
        raise errors.AssetNotFound("The page has no such file.", hint=str(error)) from error
    if asset is None:
        raise errors.AssetNotFound("The page has no such file.", hint="The console was updated meanwhile: load the page again.")
    return asset_answer(call.request, asset, cache_control=FOR_EVER)


def _knows(request: Request, tag: str) -> bool:
    """Return whether the client has this page (RFC 9110, section 13.1.2)."""
    given = ",".join(request.headers.getlist("if-none-match"))
    return given.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(given)


def _not_built(why: str) -> str:
    """Return a page for developers, in the place of the console. A deployment never starts without the console."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Reelgate</title>'
        "<h1>The web console is not built</h1>"
        f"<p>Run <code>{files.BUILD}</code> in the repository, and load this page again. It needs Node.js and npm.</p>"
        f"<p>The API works without it: see <code>docs/quickstart.md</code>.</p><p><small>{escape(why)}</small></p>"
    )


def _any_query(route: Route[Any], handler: Any) -> Route[Any]:
    """Return a route whose handler gets every request, whatever its query says."""
    return replace(route, handler=handler)


_PAGE = {"text/html": "A page for people."}
_FILE = {
    "text/javascript": "A script,",
    "text/css": "a style sheet,",
    "image/svg+xml": "a picture,",
    "text/plain": "or the licences of what is in them.",
}

# Requests are not counted: counting would cost more than the answer, and the function has no right to any record.
ROUTES: Routes[Services] = (
    _any_query(
        v1(
            "GET",
            CONSOLE_PATH,
            get_console,
            status=200,
            also={304: "It is the page that the client has."},
            media_types=_PAGE,
            public=True,
            keys="never",
            rate="own",
        ),
        get_console,
    ),
    v1(
        "GET",
        files.PATH,
        get_console_asset,
        status=200,
        media_types=_FILE,
        public=True,
        keys="never",
        rate="own",
        refuses=(errors.AssetNotFound,),
    ),
)
