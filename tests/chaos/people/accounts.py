"""What users do with their accounts: log in, look, make API keys, and leave."""

from __future__ import annotations

import asyncio

from tests.chaos.people.person import TRIES, Lost, Person


async def log_in(person: Person) -> None:
    """Log in again."""
    await person.log_in()


async def refresh_token(person: Person) -> None:
    """Get a new token for the old one."""
    body = {"refresh_token": person.refresh_token}
    answer = await person.call("POST", "/v1/auth/refresh", body, expect={200, 401}, token="")
    if answer.ok:
        person.token = answer.body["token"]


async def guess(person: Person) -> None:
    """Log in with a wrong password."""
    body = {"email": person.email, "password": "a wrong password"}
    await person.call("POST", "/v1/auth/login", body, expect={401, 429}, token="")


async def look(person: Person) -> None:
    """Look at the account, by any route."""
    path = person.chance.choice(["/v1/me", "/me", "/v1/me/export", "/v1/me/api-keys"])
    await person.call("GET", path, expect={200})


async def choose_mails(person: Person) -> None:
    """Mute mails or not."""
    body = {"mails": {"alerts": person.chance.random() < 0.9, "audio": person.chance.random() < 0.9}}
    await person.call("PATCH", "/v1/me", body, expect={200})


async def make_key(person: Person) -> None:
    """Make an API key, and use it."""
    scopes = person.chance.choice([["read"], ["read", "write"]])
    answer = await person.call("POST", "/v1/me/api-keys", {"label": "chaos", "scopes": scopes}, expect={201, 403, 409})
    if answer.ok:
        person.keys[answer.body["key_id"]] = answer.body["key"]
        await person.call("GET", "/v1/videos", expect={200}, token=answer.body["key"])


async def use_key(person: Person) -> None:
    """Use a key that may read, for a change that it may not do, too."""
    if key_id := person.any_of(person.keys):
        key = person.keys[key_id]
        await person.call("GET", "/v1/usage", expect={200, 401}, token=key)
        await person.call(
            "PUT", "/v1/me/password", {"current_password": "x" * 9, "new_password": "y" * 9}, expect={403, 401}, token=key
        )


async def revoke_key(person: Person) -> None:
    """Revoke a key."""
    if key_id := person.any_of(person.keys):
        answer = await person.call("DELETE", f"/v1/me/api-keys/{key_id}", expect={204, 404})
        if answer.ok:
            person.keys.pop(key_id, None)  # another device may have revoked it meanwhile


async def leave(person: Person) -> None:
    """Delete the account, and keep asking until that is acknowledged, or nobody can log in any more.

    If all answers are lost or refused, nobody knows whether the deletion began: the checker looks for it (`journal.leaving`).
    """
    person.is_leaving = True
    for _ in range(TRIES):
        try:
            if await person.log_in():
                person.journal.leaving[person.uid] = person.email
                answer = await person.call("DELETE", "/v1/me", expect={202, 204})
                if answer.ok:
                    break
            elif person.uid in person.journal.leaving:
                break  # an answer was lost: the deletion has begun, and ends by itself
        except Lost:
            pass
        await asyncio.sleep(0.3)
    else:
        person.is_leaving = person.uid in person.journal.leaving
        return
    person.journal.deleted[person.uid] = person.email
