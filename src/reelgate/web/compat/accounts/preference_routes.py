"""Routes of the `accounts` function about the mails that a user gets."""

from __future__ import annotations

from dataclasses import asdict

from starlette.responses import Response

from reelgate.domain.errors import InvalidRequest
from reelgate.ports.notifications import HasPreferences
from reelgate.use_cases.notifications.set_mail_preferences import set_mail_preferences
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.calls import Call, Route


async def patch_me(call: Call[HasPreferences]) -> Response:
    """Set which mails the caller gets: `{"mails": {"alerts": false}}`."""
    body = await call.json()
    if set(body) != {"mails"}:
        raise InvalidRequest("There is nothing to change.", field="mails", hint='Send {"mails": {...}} and nothing else.')
    preferences = await set_mail_preferences(call.services, call.caller, body["mails"])
    return as_json({"mails": asdict(preferences)})


ROUTES = (Route("PATCH", "/me", patch_me, action="preferences.changed"),)
