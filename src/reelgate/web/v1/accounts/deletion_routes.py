"""Routes of version 1 in the `accounts` function that end an account."""

from __future__ import annotations

from typing import Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.use_cases.personal_data import delete_user as use_case
from reelgate.web.http.callers import bearer_token
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, v1
from reelgate.web.v1.accounts.export_shapes import DeletionUnderWay


class Services(use_case.Services, Protocol):
    """What these routes need."""


async def delete_my_account(call: Call[Services]) -> Answer[DeletionUnderWay] | Response:
    """Delete your account.

    Everything that is stored about you is removed, at once and for good: videos, trash, usage, keys, and how you sign in. It
    needs a sign-in of the last five minutes: log in again, and send the new token. Export what you want to keep before.

    204: nothing is left. 202: the rest follows within minutes; the same request continues it. Repeating it gives the same
    answers.
    """
    token = bearer_token(call.request)
    return _answer(await use_case.delete_own_account(call.services, call.caller, token=token))


async def admin_delete_user(call: Call[Services]) -> Answer[DeletionUnderWay] | Response:
    """Delete a user.

    Everything that is stored about them is removed, at once and for good. The audit log keeps what happened under a pseudonym.
    Fetch what the user is to be billed before.

    204: nothing is left. 202: the rest follows within minutes; the same request continues it. Repeating it gives the same
    answers.
    """
    return _answer(await use_case.delete_user(call.services, call.caller, call.user_id()))


def _answer(deletion: use_case.Deletion) -> Answer[DeletionUnderWay] | Response:
    if deletion.complete:
        return Response(status_code=204)
    return Answer(DeletionUnderWay(state="deleting", requested_at=deletion.requested_at))


_DONE = {204: "Nothing is left."}

ROUTES = (
    v1(
        "DELETE",
        "/v1/me",
        delete_my_account,
        gives=DeletionUnderWay,
        status=202,
        also=_DONE,
        action="user.deleted",
        audits_itself=True,
        keys="never",
        refuses=(errors.SignInTooOld, errors.OwnAccount),
    ),
    v1(
        "DELETE",
        "/v1/admin/users/{user_id}",
        admin_delete_user,
        gives=DeletionUnderWay,
        status=202,
        also=_DONE,
        action="user.deleted",
        admin=True,
        audits_itself=True,
        refuses=(errors.UserNotFound, errors.OwnAccount),
    ),
)
