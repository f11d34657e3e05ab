"""The settings of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, cast

from reelgate.config.accounts import AccountSettings, accounts_from
from reelgate.config.audit import AuditSettings, audit_from
from reelgate.config.conversion import ConversionSettings, conversion_from
from reelgate.config.egress import EgressSettings, egress_from
from reelgate.config.issuers import parse_issuers
from reelgate.config.notifications import NotificationSettings, notifications_from
from reelgate.config.policy import policy_from
from reelgate.config.reader import Reader, words
from reelgate.config.request_rates import request_rates_from
from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.accounts.request_rates import Rate, RequestGroup
from reelgate.domain.books.policy import Policy
from reelgate.domain.value_types import value_type

SignerKind = Literal["iam", "hmac", "key_file", "none"]
PushSignature = Literal["checked", "platform"]
MAX_IAM_STREAM_SECONDS = 21_600
"""The longest REELGATE_STREAM_URL_SECONDS with `iam`: a URL works for up to twice as long, and signBlob's key for 12 hours."""

EMULATOR_VARIABLES = (
    "STORAGE_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "PUBSUB_EMULATOR_HOST",
    "FIREBASE_AUTH_EMULATOR_HOST",
)


@value_type
class Settings:
    """The settings of a deployment. Its repr shows no secrets."""

    function: str
    project: str
    media_bucket: str
    policy: Policy
    storage_url: str
    storage_emulator: bool
    firestore_emulator: str | None
    pubsub_emulator: str | None
    metadata_host: str
    signer: SignerKind
    signer_account: str | None
    hmac_access_id: str | None
    hmac_secret: str | None = field(repr=False)
    signer_key_file: str | None
    iam_endpoint: str
    jwt_issuers: tuple[IssuerSettings, ...]
    anonymous_users: bool
    auth_emulator: str | None
    cors_origins: tuple[str, ...]
    topics: Mapping[str, str]
    push_audience: str | None
    push_account: str | None
    push_signature: PushSignature
    audit: AuditSettings
    notifications: NotificationSettings
    accounts: AccountSettings
    request_rates: Mapping[RequestGroup, Rate]
    conversion: ConversionSettings
    egress: EgressSettings
    worker_timeout_seconds: int
    in_cloud: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Return the settings.

        Raises:
            ValueError: naming every variable that is missing or malformed.
        """
        read = Reader(env)
        in_cloud = bool(env.get("K_SERVICE"))
        if in_cloud:
            for name in EMULATOR_VARIABLES:
                if env.get(name):
                    read.problems.append(f"{name} is set although this runs on Google Cloud (K_SERVICE is set): unset it")
        notifications = notifications_from(read, in_cloud=in_cloud)
        settings = cls(
            function=env.get("FUNCTION_TARGET") or env.get("K_SERVICE") or "reelgate",
            project=read.required("GOOGLE_CLOUD_PROJECT"),
            media_bucket=read.bucket("REELGATE_MEDIA_BUCKET"),
            policy=policy_from(read),
            storage_url=_storage_url(env.get("STORAGE_EMULATOR_HOST")),
            storage_emulator=bool(env.get("STORAGE_EMULATOR_HOST")),
            firestore_emulator=env.get("FIRESTORE_EMULATOR_HOST") or None,
            pubsub_emulator=env.get("PUBSUB_EMULATOR_HOST") or None,
            metadata_host=env.get("GCE_METADATA_HOST") or "metadata.google.internal",
            signer=cast("SignerKind", read.choice("REELGATE_SIGNER", "iam", ("iam", "hmac", "key_file", "none"))),
            signer_account=env.get("REELGATE_SIGNER_ACCOUNT") or None,
            hmac_access_id=env.get("REELGATE_HMAC_ACCESS_ID") or None,
            hmac_secret=env.get("REELGATE_HMAC_SECRET") or None,
            signer_key_file=env.get("REELGATE_SIGNER_KEY_FILE") or None,
            iam_endpoint=env.get("REELGATE_IAM_ENDPOINT") or "https://iamcredentials.googleapis.com",
            jwt_issuers=read.parsed("REELGATE_JWT_ISSUERS", (), parse_issuers),
            anonymous_users=read.choice("REELGATE_ANONYMOUS_USERS", "refuse", ("refuse", "allow")) == "allow",
            auth_emulator=env.get("FIREBASE_AUTH_EMULATOR_HOST") or None,
            cors_origins=words(env.get("REELGATE_CORS_ORIGINS", "")),
            topics={
                "videos": env.get("REELGATE_TOPIC_VIDEOS") or "videos",
                "alerts": env.get("REELGATE_TOPIC_ALERTS") or "alerts",
                "accounts": env.get("REELGATE_TOPIC_ACCOUNTS") or "accounts",
                "audit": env.get("REELGATE_TOPIC_AUDIT") or "audit",
            },
            push_audience=env.get("REELGATE_PUSH_AUDIENCE") or None,
            push_account=env.get("REELGATE_PUSH_ACCOUNT") or None,
            push_signature=cast("PushSignature", read.choice("REELGATE_PUSH_SIGNATURE", "checked", ("checked", "platform"))),
            audit=audit_from(read),
            notifications=notifications,
            accounts=accounts_from(read, confirm_addresses=not notifications.channels.to_unverified),
            request_rates=request_rates_from(read),
            conversion=conversion_from(read, env.get("REELGATE_MEDIA_BUCKET", "")),
            egress=egress_from(read, env.get("REELGATE_MEDIA_BUCKET", "")),
            worker_timeout_seconds=read.whole("REELGATE_WORKER_TIMEOUT_SECONDS", 0, minimum=0, maximum=3600),
            in_cloud=in_cloud,
        )
        read.problems += _signer_problems(settings)
        if bool(settings.push_audience) != bool(settings.push_account):
            read.problems.append("REELGATE_PUSH_AUDIENCE and REELGATE_PUSH_ACCOUNT must be set together or not at all")
        if settings.push_signature == "platform" and not in_cloud:
            read.problems.append("REELGATE_PUSH_SIGNATURE=platform needs Cloud Run, where IAM checks the caller: unset it")
        if read.problems:
            raise ValueError("The configuration is wrong:\n- " + "\n- ".join(read.problems))
        return settings


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
    problems = [f"{name} is missing (REELGATE_SIGNER is {settings.signer})" for name, value in needed.items() if not value]
    if settings.signer == "iam" and settings.policy.stream_url_seconds > MAX_IAM_STREAM_SECONDS:
        problems.append(
            f"REELGATE_STREAM_URL_SECONDS can be at most {MAX_IAM_STREAM_SECONDS} with REELGATE_SIGNER=iam: a URL works for up "
            "to twice as long, and IAM's key for 12 hours"
        )
    return problems
