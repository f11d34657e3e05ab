"""The HTTP functions and the routes that they answer: version 1 of the API first, then those of the older services."""

from __future__ import annotations

from typing import Any

from reelgate.web.compat.accounts import account_routes as older_accounts
from reelgate.web.compat.audit import audit_routes as older_audit
from reelgate.web.compat.uploads import upload_routes as older_uploads
from reelgate.web.compat.usage import usage_routes as older_usage
from reelgate.web.compat.videos import library_routes as older_library
from reelgate.web.compat.videos import stream_routes as older_streams
from reelgate.web.console import console_routes
from reelgate.web.http.calls import Route, Routes
from reelgate.web.v1.accounts import account_routes
from reelgate.web.v1.audit import audit_routes
from reelgate.web.v1.notifications import delivery_routes
from reelgate.web.v1.playback import grant_routes, play_routes
from reelgate.web.v1.uploads import s3_routes, upload_routes
from reelgate.web.v1.usage import invoice_routes, usage_routes
from reelgate.web.v1.videos import captions_routes, library_routes, poster_routes, url_routes
from reelgate.web.watch import watch_routes

FUNCTIONS: dict[str, Routes[Any]] = {
    "upload": (*upload_routes.ROUTES, *s3_routes.ROUTES, *older_uploads.ROUTES),
    "stream_url": (
        *play_routes.ROUTES,
        *poster_routes.ROUTES,
        *url_routes.ROUTES,
        *grant_routes.ROUTES,
        *watch_routes.ROUTES,
        *older_streams.ROUTES,
    ),
    "usage": (*usage_routes.ROUTES, *invoice_routes.ROUTES, *older_usage.ROUTES),
    "library": (*library_routes.ROUTES, *captions_routes.ROUTES, *older_library.ROUTES),
    "audit": (*audit_routes.ROUTES, *older_audit.ROUTES),
    "notify": delivery_routes.ROUTES,
    "accounts": (*account_routes.ROUTES, *older_accounts.ROUTES),
    "console": console_routes.ROUTES,
}
"""The routes by function, in the order in which requests are compared with them."""


def routes_with_shapes() -> list[tuple[str, Route[Any]]]:
    """Return the routes of version 1, each with its function."""
    return [(name, route) for name, routes in FUNCTIONS.items() for route in routes if route.shape is not None]
