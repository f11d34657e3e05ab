"""All settings of a function, read once from its environment.

`docs/configuration.md` explains each variable; a test keeps both complete. Rules of the product end up in `Policy`, the rest
says where things are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast
from zoneinfo import ZoneInfo

from reelgate.adapters.jwt_issuers import parse_issuers
from reelgate.domain.account import Limits
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.names import clean_content_type
from reelgate.domain.policy import Policy

MIB = 1024 * 1024
SignerKind = Literal["iam", "hmac", "key_file"]
FirestoreClient = Literal["rest", "grpc"]
EMULATOR_VARIABLES = (
    "STORAGE_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "PUBSUB_EMULATOR_HOST",
    "FIREBASE_AUTH_EMULATOR_HOST",
)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and how this deployment behaves. Secrets do not show in its repr."""

    project: str
    media_bucket: str
    policy: Policy
    storage_url: str
    firestore_client: FirestoreClient
    firestore_emulator: str | None
    metadata_host: str
    signer: SignerKind
    signer_account: str | None
    hmac_access_id: str | None
    hmac_secret: str | None = field(repr=False)
    signer_key_file: str | None
    iam_endpoint: str
    jwt_issuers: str | None
    auth_emulator: bool
    cors_origins: tuple[str, ...]
    topics: Mapping[str, str]
    in_cloud: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Return the settings.

        Raises:
            ValueError: naming every variable that is missing or malformed, all at once.
        """
        read = _Reader(env)
        in_cloud = bool(env.get("K_SERVICE"))
        if in_cloud:
            for name in EMULATOR_VARIABLES:
                if env.get(name):
                    read.problems.append(f"{name} is set although this runs on Google Cloud (K_SERVICE is set): unset it")
        settings = cls(
            project=read.required("GOOGLE_CLOUD_PROJECT"),
            media_bucket=read.bucket("REELGATE_MEDIA_BUCKET"),
            policy=_policy(read),
            storage_url=_storage_url(env.get("STORAGE_EMULATOR_HOST")),
            firestore_client=cast("FirestoreClient", read.choice("REELGATE_FIRESTORE_CLIENT", "rest", ("rest", "grpc"))),
            firestore_emulator=env.get("FIRESTORE_EMULATOR_HOST") or None,
            metadata_host=env.get("GCE_METADATA_HOST") or "metadata.google.internal",
            signer=cast("SignerKind", read.choice("REELGATE_SIGNER", "iam", ("iam", "hmac", "key_file"))),
            signer_account=env.get("REELGATE_SIGNER_ACCOUNT") or None,
            hmac_access_id=env.get("REELGATE_HMAC_ACCESS_ID") or None,
            hmac_secret=env.get("REELGATE_HMAC_SECRET") or None,
            signer_key_file=env.get("REELGATE_SIGNER_KEY_FILE") or None,
            iam_endpoint=env.get("REELGATE_IAM_ENDPOINT") or "https://iamcredentials.googleapis.com",
            jwt_issuers=read.parsed("REELGATE_JWT_ISSUERS", None, _issuers),
            auth_emulator=bool(env.get("FIREBASE_AUTH_EMULATOR_HOST")),
            cors_origins=_words(env.get("REELGATE_CORS_ORIGINS", "")),
            topics={
                "videos": env.get("REELGATE_TOPIC_VIDEOS") or "videos",
                "alerts": env.get("REELGATE_TOPIC_ALERTS") or "alerts",
                "audit": env.get("REELGATE_TOPIC_AUDIT") or "audit",
            },
            in_cloud=in_cloud,
        )
        read.problems += _signer_problems(settings)
        if read.problems:
            raise ValueError("The configuration is wrong:\n- " + "\n- ".join(read.problems))
        return settings


def _policy(read: _Reader) -> Policy:
    return Policy(
        default_limits=Limits(
            storage_bytes=read.whole("REELGATE_STORAGE_LIMIT_BYTES", 50 * MIB, minimum=0),
            daily_bytes=read.whole("REELGATE_DAILY_LIMIT_BYTES", 100 * MIB, minimum=0),
            alert_percents=read.parsed("REELGATE_ALERT_THRESHOLDS", (80, 100), _percents),
        ),
        zone=read.parsed("REELGATE_DAY_TIME_ZONE", ZoneInfo("UTC"), _zone),
        max_file_bytes=read.whole("REELGATE_MAX_FILE_BYTES", 5 * 1024 * MIB),
        # Cloud Run takes bodies of 32 MiB over HTTP/1; the rest of the form needs a little of that.
        form_upload_max_bytes=read.whole("REELGATE_FORM_UPLOAD_MAX_BYTES", 31 * MIB, maximum=31 * MIB),
        content_types=read.parsed("REELGATE_CONTENT_TYPES", ("video/*",), _content_types),
        upload_roles=read.parsed("REELGATE_UPLOAD_ROLES", frozenset({"user", "admin"}), _roles),
        upload_url_seconds=read.whole("REELGATE_UPLOAD_URL_SECONDS", 3600, maximum=43_200),
        upload_expiry_seconds=read.whole("REELGATE_UPLOAD_EXPIRY_SECONDS", 86_400, maximum=604_800),
        stream_url_seconds=read.whole("REELGATE_STREAM_URL_SECONDS", 3600, maximum=43_200),
        trash_days=read.whole("REELGATE_TRASH_DAYS", 30, minimum=0, maximum=3650),
        max_open_uploads=read.whole("REELGATE_MAX_OPEN_UPLOADS", 400, maximum=400),
    )


class _Reader:
    """Reads single variables and collects what is wrong with them instead of stopping at the first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def required(self, name: str) -> str:
        value = self._env.get(name, "")
        if not value:
            self.problems.append(f"{name} is missing")
        return value

    def bucket(self, name: str) -> str:
        value = self.required(name)
        if value and not _BUCKET.fullmatch(value):
            self.problems.append(f"{name}: '{value}' is not the name of a bucket")
        return value

    def whole(self, name: str, default: int, *, minimum: int = 1, maximum: int = 2**62) -> int:
        def parse(text: str) -> int:
            number = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else -1
            if not minimum <= number <= maximum:
                raise ValueError(f"must be from {minimum} to {maximum}")
            return number

        return self.parsed(name, default, parse)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self._env.get(name) or default
        if value not in choices:
            self.problems.append(f"{name} must be one of {', '.join(choices)}, not '{value}'")
        return value

    def parsed(self, name: str, default: Any, parse: Callable[[str], T]) -> T:
        text = self._env.get(name)
        if not text:
            return cast("T", default)
        try:
            return parse(text)
        except (ValueError, KeyError) as problem:
            self.problems.append(f"{name}: {problem}")
            return cast("T", default)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _percents(text: str) -> tuple[int, ...]:
    values = tuple(sorted({int(word) for word in _words(text)}))
    if not values or not all(1 <= value <= 100 for value in values):
        raise ValueError("must be percentages from 1 to 100, separated by commas")
    return values


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"'{text}' is not a time zone of the tz database, such as Europe/Berlin") from None


def _content_types(text: str) -> tuple[str, ...]:
    for word in _words(text):
        family, _, kind = word.partition("/")
        clean_type = word if kind != "*" else f"{family}/any"
        try:
            clean_content_type(clean_type)
        except InvalidRequest:
            raise ValueError(f"'{word}' is neither a media type nor type/*") from None
    return tuple(word.lower() for word in _words(text))


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(_words(text))
    if not roles or roles - {"user", "admin"}:
        raise ValueError("must be user, admin or both, separated by commas")
    return roles


def _issuers(text: str) -> str:
    parse_issuers(text)
    return text


def _storage_url(emulator: str | None) -> str:
    if not emulator:
        return "https://storage.googleapis.com"
    return (emulator if "://" in emulator else f"http://{emulator}").rstrip("/")


def _signer_problems(settings: Settings) -> list[str]:
    needed = {
        "iam": {"REELGATE_SIGNER_ACCOUNT": settings.signer_account},
        "hmac": {"REELGATE_HMAC_ACCESS_ID": settings.hmac_access_id, "REELGATE_HMAC_SECRET": settings.hmac_secret},
        "key_file": {"REELGATE_SIGNER_KEY_FILE": settings.signer_key_file},
    }.get(settings.signer, {})
    return [f"{name} is missing (REELGATE_SIGNER is {settings.signer})" for name, value in needed.items() if not value]
