"""The memory of verified tokens, and that it never outlives what it remembers."""

from __future__ import annotations

import pytest

from reelgate.adapters.tokens.jwt_contents import TokenParts
from reelgate.adapters.tokens.jwt_identity import Issuer, JwtIdentity, VerifiedTokens
from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.errors import Unauthorized
from reelgate.ports.identity import Caller

from .conftest import ISSUER, Claims, MakeToken

ALICE = Caller(uid="alice", email=None, role="user")


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("lifetime", "kept"), [(60, 60), (3600, 300)])
def test_kept_until_expiry_but_five_minutes_at_most(lifetime: int, kept: int) -> None:
    clock = Clock()
    tokens = VerifiedTokens(clock=clock)
    tokens.put("t", ALICE, expires_at=clock.now + lifetime)
    clock.now += kept - 1
    assert tokens.get("t") == ALICE
    clock.now += 1
    assert tokens.get("t") is None
    assert len(tokens) == 0


def test_expired_tokens_are_not_kept() -> None:
    tokens = VerifiedTokens(clock=Clock())
    tokens.put("t", ALICE, expires_at=1000.0)
    assert len(tokens) == 0


def test_least_recently_used_goes_first() -> None:
    tokens = VerifiedTokens(capacity=2, clock=Clock())
    for name in ("a", "b"):
        tokens.put(name, ALICE, expires_at=2000)
    tokens.get("a")
    tokens.put("c", ALICE, expires_at=2000)
    assert [name for name in "abc" if tokens.get(name)] == ["a", "c"]


def test_tokens_themselves_are_not_kept() -> None:
    tokens = VerifiedTokens(clock=Clock())
    tokens.put("very-secret", ALICE, expires_at=2000)
    assert "very-secret" not in repr(vars(tokens))


async def test_a_removed_key_ends_its_tokens_within_five_minutes(token: MakeToken, claims: Claims) -> None:
    class Revocable:
        calls = 0
        revoked = False

        async def claims(self, token: str, parts: TokenParts) -> Claims:
            self.calls += 1
            if self.revoked:
                raise Unauthorized
            return parts.claims

    clock = Clock(float(claims["iat"]))
    verifier = Revocable()
    settings = IssuerSettings(issuer=ISSUER, audience="reelgate")
    identity = JwtIdentity([Issuer(settings, verifier)], VerifiedTokens(clock=clock))
    signed = token(claims)
    for _ in range(3):
        assert (await identity.verify(signed)).uid == "alice"
    assert verifier.calls == 1
    verifier.revoked = True
    clock.now += 300
    with pytest.raises(Unauthorized):
        await identity.verify(signed)
