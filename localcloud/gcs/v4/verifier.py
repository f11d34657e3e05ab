"""Checks V4 signed requests in the same order as Cloud Storage:

parse, time window, signed headers present, no unsigned x-goog-* header, signature, permission. Existence,
preconditions and size come later, in the handlers. Expiry is decided before the signature: a tampered and expired
URL answers 400, not 403.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.target import Target
from localcloud.gcs.v4.authorization import read_authorization
from localcloud.gcs.v4.canonical import Headers, canonical_request, string_to_sign
from localcloud.gcs.v4.keys import KeyRing
from localcloud.gcs.v4.parameters import SignatureParameters, malformed, read_parameters

CLOCK_SKEW = timedelta(minutes=15)
SERVICE_PREFIXES = ("x-goog-", "x-amz-")
MAY_STAY_UNSIGNED = frozenset({"x-goog-content-sha256", "x-amz-content-sha256"})


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class Verifier:
    """Checks signed requests against the registered keys."""

    def __init__(self, keys: KeyRing, now: Callable[[], datetime] = utc_now) -> None:
        self._keys = keys
        self._now = now

    def signer_of(self, method: str, target: Target, headers: Headers) -> str | None:
        """Return the service account that signed the request, None if neither URL nor Authorization carries a V4 signature.

        Raises:
            StorageError: with Google's status and code for the first check that fails.
        """
        parameters = parameters_of(target, headers)
        if parameters is None:
            return None
        self._check_time(parameters)
        _check_headers(headers, parameters)
        self._check_signature(method, target, headers, parameters)
        account = self._keys.account_of(parameters)
        if account in self._keys.withdrawn:
            raise StorageError(Refusal.ACCESS_DENIED, f"{account} does not have storage access to this resource.")
        return account

    def _check_time(self, parameters: SignatureParameters) -> None:
        now = self._now()
        if parameters.in_header:
            if abs(now - parameters.date) > CLOCK_SKEW:
                raise StorageError(Refusal.REQUEST_TIME_TOO_SKEWED)
            return
        expiry = parameters.date + timedelta(seconds=parameters.expires_seconds)
        if now > expiry:
            raise StorageError(Refusal.EXPIRED_TOKEN, f"Request signature expired at: {expiry.isoformat()}")
        if now < parameters.date - CLOCK_SKEW:
            malformed(f"{parameters.spelling.prefix}Date", "The request is dated more than 15 minutes in the future.")

    def _check_signature(self, method: str, target: Target, headers: Headers, parameters: SignatureParameters) -> None:
        attempts = [
            canonical_request(method, target, headers, parameters, host) for host in host_spellings(headers.get("Host", ""))
        ]
        if any(self._keys.accepts(parameters, string_to_sign(parameters, attempt)) for attempt in attempts):
            return
        raise StorageError(
            Refusal.SIGNATURE_DOES_NOT_MATCH,
            "The request signature we calculated does not match the signature you provided. "
            "Check your Google secret key and signing method.",
            elements={"StringToSign": string_to_sign(parameters, attempts[0]), "CanonicalRequest": attempts[0]},
        )


def parameters_of(target: Target, headers: Headers) -> SignatureParameters | None:
    """Return the claims of a V4 signature in the URL or in Authorization, None for neither.

    Raises:
        StorageError: 400 for claims that are invalid, or made twice.
    """
    in_url, in_header = read_parameters(target), read_authorization(headers)
    if in_url is not None and in_header is not None:
        malformed("Authorization", "A request is signed in its URL or in its Authorization header, not in both.")
    return in_url or in_header


def host_spellings(host: str) -> list[str]:
    """Return the Host header as sent and, if it has a port, without it: clients sign either."""
    name, colon, port = host.rpartition(":")
    return [host, name] if colon and port.isdigit() else [host]


def _check_headers(headers: Headers, parameters: SignatureParameters) -> None:
    for name in parameters.signed_headers:
        if name not in headers:
            malformed(name, f"Header was included in signedheaders, but not in the request: {name}")
    for name in sorted({header.lower() for header in headers}):
        unsigned = name not in parameters.signed_headers and name not in MAY_STAY_UNSIGNED
        if name.startswith(SERVICE_PREFIXES) and unsigned:
            malformed(name, f"Header was present in the request, but not in signedheaders: {name}")
