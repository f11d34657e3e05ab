"""The signature parameters of a V4 signed URL, in Google's or Amazon's spelling.

Rules: Cloud Storage documentation, "Signatures" and "Canonical requests".
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import unquote

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.target import Target

MAX_EXPIRES_SECONDS = 604_800
TIMESTAMP = re.compile(r"^\d{8}T\d{6}Z$", re.ASCII)
NAMES = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


@dataclass(frozen=True)
class Spelling:
    """One of the two sets of parameter names; a signature uses only one of them."""

    prefix: str
    algorithms: frozenset[str]
    key_prefix: str
    service: str
    terminator: str
    content_hash_header: str


GOOG = Spelling(
    "X-Goog-",
    frozenset({"GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256"}),
    "GOOG4",
    "storage",
    "goog4_request",
    "x-goog-content-sha256",
)
AMZ = Spelling("X-Amz-", frozenset({"AWS4-HMAC-SHA256"}), "AWS4", "s3", "aws4_request", "x-amz-content-sha256")


@dataclass(frozen=True)
class SignatureParameters:
    """What the URL, or the Authorization header, claims about the request's signature; nothing here is verified yet."""

    spelling: Spelling
    algorithm: str
    signer: str
    scope: str
    location: str
    timestamp: str
    date: datetime
    expires_seconds: int
    signed_headers: tuple[str, ...]
    signature: str
    in_header: bool = False

    @property
    def day(self) -> str:
        """YYYYMMDD, the first part of the credential scope."""
        return self.timestamp[:8]


def read_parameters(target: Target) -> SignatureParameters | None:
    """Return the signature parameters of a URL, None when it carries no signature.

    Raises:
        StorageError: MalformedSecurityHeader naming the parameter that is missing, repeated or invalid.
    """
    spelling = _spelling_of(target)
    if spelling is None:
        return None
    values = {name: _single_value(target, spelling.prefix + name) for name in NAMES}
    if values["Algorithm"] not in spelling.algorithms:
        malformed(f"{spelling.prefix}Algorithm", "The signing algorithm is not supported.")
    signer, scope, location = read_credential(spelling, values["Credential"], values["Date"])
    return SignatureParameters(
        spelling=spelling,
        algorithm=values["Algorithm"],
        signer=signer,
        scope=scope,
        location=location,
        timestamp=values["Date"],
        date=_read_date(spelling, values["Date"]),
        expires_seconds=_read_expires(spelling, values["Expires"]),
        signed_headers=read_signed_headers(spelling, values["SignedHeaders"]),
        signature=values["Signature"].lower(),
    )


def malformed(parameter: str, details: str) -> NoReturn:
    """Refuse the request because of one signature parameter or header."""
    raise StorageError(Refusal.MALFORMED_SECURITY_HEADER, details, elements={"ParameterName": parameter})


def _spelling_of(target: Target) -> Spelling | None:
    names = {unquote(name).lower() for name, _ in target.raw_pairs}
    found = [spelling for spelling in (GOOG, AMZ) if f"{spelling.prefix}signature".lower() in names]
    if len(found) == 2:
        malformed("X-Goog-Signature", "X-Goog and X-Amz parameters cannot be mixed.")
    return found[0] if found else None


def _single_value(target: Target, name: str) -> str:
    values = [unquote(value) for key, value in target.raw_pairs if unquote(key).lower() == name.lower()]
    if len(values) != 1 or not values[0]:
        malformed(name, f"The parameter {name} must be given exactly once.")
    return values[0]


def read_credential(spelling: Spelling, credential: str, timestamp: str) -> tuple[str, str, str]:
    """Return signer, scope and location. Raises StorageError (400) for a credential of another form, service or day."""
    name = f"{spelling.prefix}Credential"
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or not all(parts):
        malformed(name, "The credential must be SIGNER/YYYYMMDD/LOCATION/SERVICE/REQUEST.")
    signer, day, location, service, terminator = parts
    if (service, terminator) != (spelling.service, spelling.terminator):
        malformed(name, f"The credential scope must end in {spelling.service}/{spelling.terminator}.")
    if day != timestamp[:8]:
        malformed(name, "The day of the credential scope is not the day of the request date.")
    return signer, f"{day}/{location}/{service}/{terminator}", location


def _read_date(spelling: Spelling, timestamp: str) -> datetime:
    try:
        if not TIMESTAMP.match(timestamp):
            raise ValueError(timestamp)
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        malformed(f"{spelling.prefix}Date", "The date must be YYYYMMDDTHHMMSSZ.")


def _read_expires(spelling: Spelling, text: str) -> int:
    name = f"{spelling.prefix}Expires"
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        malformed(name, "The lifetime must be a number of seconds.")
    if not 1 <= int(text) <= MAX_EXPIRES_SECONDS:
        malformed(name, f"The lifetime must be from 1 to {MAX_EXPIRES_SECONDS} seconds.")
    return int(text)


def read_signed_headers(spelling: Spelling, text: str) -> tuple[str, ...]:
    """Return the names. Raises StorageError (400) unless they are lower case, sorted, unique and have host among them."""
    names = tuple(text.split(";"))
    if "host" not in names:
        malformed("host", "The host header must be signed.")
    if list(names) != sorted({name.lower() for name in names}):
        malformed(f"{spelling.prefix}SignedHeaders", "Signed headers must be lower case, sorted and unique.")
    return names
