"""API keys as version 1 of the API takes and gives them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from reelgate.domain.accounts import api_keys
from reelgate.web.http.shapes import Instant

Scope = Literal["read", "write"]
Scopes = Annotated[
    list[Scope],
    Meta(
        min_length=1,
        max_length=2,
        description="`read`: GET requests, those for URLs to watch included. `write`: the same, and everything else.",
        examples=[["read"]],
    ),
]


class ApiKey(Struct, kw_only=True):
    """An API key, without the key itself."""

    key_id: Annotated[str, Meta(description="Names the key; it is part of it, and no secret.", examples=["OHZoiDQiNhtUVA0z"])]
    label: Annotated[str, Meta(examples=["nightly backup"])]
    scopes: Scopes
    created_at: Instant
    expires_at: Annotated[Instant | None, Meta(description="Null: it does not expire.")]
    last_used_at: Annotated[Instant | None, Meta(description="Up to an hour before the last use; null if it was never used.")]


class CreatedApiKey(ApiKey, kw_only=True):
    """A new API key."""

    key: Annotated[
        str,
        Meta(
            description="The key: send it as `Authorization: Bearer KEY`. It is shown this once.",
            examples=["rgk_0000000000000000_000000000000000000000000000000000000"],
        ),
    ]


class NewApiKey(Struct, kw_only=True, forbid_unknown_fields=True):
    """A key to make."""

    label: Annotated[str, Meta(description="What it is for: one line of up to 100 characters.", examples=["nightly backup"])]
    scopes: Scopes
    expires_at: Annotated[
        Instant | None,
        Meta(description="When it expires, at most five years from now; null or left out: never."),
    ] = None


class ApiKeyList(Struct, kw_only=True):
    """All your API keys that were not revoked, newest first. There are never more than 25, on one page."""

    items: list[ApiKey]
    next_cursor: str | None


def api_key_of(key: api_keys.ApiKey) -> ApiKey:
    """Return a key as the API shows it."""
    return ApiKey(**_members(key))


def created_api_key(made: api_keys.NewKey) -> CreatedApiKey:
    """Return a new key with the key itself."""
    return CreatedApiKey(key=made.text, **_members(made.record))


def _members(key: api_keys.ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "label": key.label,
        "scopes": list(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
    }
