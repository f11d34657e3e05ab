"""Public keys that verify tokens: each key serves the one algorithm of its kind, so none can be used as another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

MIN_RSA_BITS = 2048


class VerifyingKey(NamedTuple):
    """A public key and its algorithm."""

    algorithm: str
    key: RSAPublicKey | EllipticCurvePublicKey


def from_pem(pem: bytes) -> VerifyingKey:
    """Return the key of a PEM text. Raises ValueError unless it is a public RSA (2048 bits or more) or P-256 key."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise ValueError("the public key is not PEM (BEGIN PUBLIC KEY)") from None
    return _verifying_key(key)


def from_jwks(document: object) -> dict[str, VerifyingKey]:
    """Return the usable keys of a JWK set (RFC 7517) by key id; keys for other uses and kinds are left out.

    Raises ValueError for something that is no JWK set or holds no usable key.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JWK set")
    keys = {}
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and (key := _from_jwk(entry)):
            keys[entry["kid"]] = key
    if not keys:
        raise ValueError("the JWK set has no usable key")
    return keys


def _from_jwk(entry: Mapping[str, Any]) -> VerifyingKey | None:
    if entry.get("use", "sig") != "sig" or entry.get("kty") not in ("RSA", "EC"):
        return None
    try:
        found = _verifying_key(jwt.PyJWK(dict(entry)).key)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return found if entry.get("alg", found.algorithm) == found.algorithm else None


def _verifying_key(key: object) -> VerifyingKey:
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return VerifyingKey("RS256", key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return VerifyingKey("ES256", key)
    raise ValueError(f"a key must be public, and RSA of at least {MIN_RSA_BITS} bits or EC on P-256")
