"""Users whom Firebase Auth has signed in anonymously: refused, unless the deployment wants them."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from reelgate.adapters.tokens.jwt_identity import JwtIdentity, jwt_identity
from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.errors import Unauthorized

from .conftest import ISSUER, Claims, MakeToken, pem

ANONYMOUS = [
    {"provider_id": "anonymous", "firebase": {"identities": {}, "sign_in_provider": "anonymous"}},  # as Firebase writes it
    {"firebase": {"identities": {}, "sign_in_provider": "anonymous"}},
    {"provider_id": "anonymous"},
]
NOT_ANONYMOUS = [
    {},
    {"firebase": {"identities": {"email": ["a@example.org"]}, "sign_in_provider": "password"}},
    {"firebase": {"sign_in_provider": "custom"}},
    {"firebase": {}},
    {"firebase": "anonymous"},
    {"firebase": ["anonymous"]},
    {"firebase": {"sign_in_provider": ["anonymous"]}},
    {"provider_id": None, "name": "anonymous"},
]


@pytest.fixture
def allowing(rsa_key: rsa.RSAPrivateKey) -> JwtIdentity:
    issuer = IssuerSettings(issuer=ISSUER, audience="reelgate", public_key=pem(rsa_key))
    return jwt_identity([issuer], in_cloud=True, anonymous_users=True)


@pytest.mark.parametrize("more", ANONYMOUS)
async def test_they_are_refused_by_default(identity: JwtIdentity, token: MakeToken, claims: Claims, more: Claims) -> None:
    for ask in (identity.verify, identity.inspect, identity.verify):  # what was refused once is not remembered as good
        with pytest.raises(Unauthorized, match="Sign in with an account") as refused:
            await ask(token({**claims, **more}))
        assert "anonymous" in str(refused.value.hint)


@pytest.mark.parametrize("more", ANONYMOUS)
async def test_they_are_users_where_the_deployment_says_so(
    allowing: JwtIdentity, token: MakeToken, claims: Claims, more: Claims
) -> None:
    assert (await allowing.verify(token({**claims, **more}))).uid == "alice"


@pytest.mark.parametrize("more", NOT_ANONYMOUS)
async def test_all_others_are_let_in(identity: JwtIdentity, token: MakeToken, claims: Claims, more: Claims) -> None:
    assert (await identity.verify(token({**claims, **more}))).uid == "alice"


async def test_a_wrong_token_is_not_told_to_be_anonymous(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    with pytest.raises(Unauthorized) as refused:
        await identity.verify(token({**claims, "aud": "another", **ANONYMOUS[0]}))
    assert "Anonymous" not in refused.value.detail
