"""The variables that functions and clients of one local cloud get."""

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from localcloud.supervisor.loopback import HOST
from localcloud.supervisor.ports import DEFAULT_BASE, FUNCTIONS, port_of

PROJECT = "demo-reelgate"  # Firebase's tools treat projects called demo-* as offline
MEDIA_DATABASE = "reelgate-media"
"""The database of the records of derived media. It cannot be changed here: snapshots save it under this name."""
DEFAULT_BUCKET = "demo-reelgate-media"
HMAC_ACCESS_ID = "GOOGREELGATELOCAL"
SIGNER_ACCOUNT = f"reelgate-signer@{PROJECT}.iam.gserviceaccount.com"
# Variables of the local cloud itself, which are no settings of the product. See also `client_environment`.
OWN_VARIABLES = frozenset(("REELGATE_PORT", "REELGATE_STATE", "REELGATE_PYTHON"))
# What any program needs from the caller's environment. Credentials, proxies and other clouds' settings are left out.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "JAVA_HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "SYSTEMROOT")


def base_environment(caller: Mapping[str, str]) -> dict[str, str]:
    """Return the base environment of every process: this Python first on the path, and few of the caller's variables."""
    passed_on = {name: caller[name] for name in PASSED_ON if name in caller}
    passed_on["PATH"] = f"{Path(sys.executable).parent}:{passed_on.get('PATH', '/usr/local/bin:/usr/bin:/bin')}"
    return {**passed_on, "PYTHONUNBUFFERED": "1"}


def emulator_hosts(base: int) -> dict[str, str]:
    """Return the variables by which Google's clients find emulators."""
    return {
        "STORAGE_EMULATOR_HOST": f"http://{HOST}:{port_of('storage', base)}",
        "FIRESTORE_EMULATOR_HOST": f"{HOST}:{port_of('firestore', base)}",
        "PUBSUB_EMULATOR_HOST": f"{HOST}:{port_of('pubsub', base)}",
        "FIREBASE_AUTH_EMULATOR_HOST": f"{HOST}:{port_of('auth', base)}",
        "GOOGLE_CLOUD_PROJECT": PROJECT,
    }


def product_settings(caller: Mapping[str, str], hmac_secret: str) -> dict[str, str]:
    """Return the functions' REELGATE_* settings: the local defaults, overridden by the caller's."""
    # A shell in which `env` was evaluated has the addresses of a local cloud, maybe of another one.
    others = {*OWN_VARIABLES, "REELGATE_MEDIA_DATABASE"} | client_environment(DEFAULT_BASE, "").keys() - {
        "REELGATE_MEDIA_BUCKET"
    }
    overrides = {name: value for name, value in caller.items() if name.startswith("REELGATE_") and value and name not in others}
    return {
        "REELGATE_MEDIA_BUCKET": DEFAULT_BUCKET,
        "REELGATE_MEDIA_DATABASE": MEDIA_DATABASE,
        "REELGATE_SIGNER": "hmac",
        "REELGATE_SIGNER_ACCOUNT": SIGNER_ACCOUNT,
        "REELGATE_HMAC_ACCESS_ID": HMAC_ACCESS_ID,
        "REELGATE_HMAC_SECRET": hmac_secret,
        "REELGATE_CORS_ORIGINS": "*",
        "REELGATE_PROXIES_IN_FRONT": "0",  # the local gateway is the only one
        # All clients have the same address here.
        "REELGATE_LOGIN_MAX_FAILURES_PER_ADDRESS": "10000",
        "REELGATE_REGISTRATIONS_PER_ADDRESS": "10000",
        "REELGATE_PLAY_REQUESTS_PER_MINUTE": "100000",
        "REELGATE_PUBLIC_REQUESTS_PER_MINUTE": "100000",
        "REELGATE_EGRESS": "settle",
        **overrides,
    }


def derived_bucket(settings: Mapping[str, str]) -> str:
    """Return the bucket for what is made of videos, as the functions find it in their settings."""
    return settings.get("REELGATE_DERIVED_BUCKET") or f"{settings['REELGATE_MEDIA_BUCKET']}-derived"


def usage_logs_bucket(settings: Mapping[str, str]) -> str:
    """Return the bucket for usage logs, as the functions find it in their settings."""
    return settings.get("REELGATE_USAGE_LOGS_BUCKET") or f"{settings['REELGATE_MEDIA_BUCKET']}-usage-logs"


def local_channels(base: int, webhook_secret: str, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the settings by which mails and webhooks end up in the local cloud, unless the caller has a mail server."""
    receiver = f"http://{HOST}:{port_of('mail', base)}/_emulator/webhooks/local"
    endpoint = {"id": "local", "url": receiver, "secrets": [webhook_secret], "events": ["*"]}
    webhooks = {
        "REELGATE_WEBHOOKS": json.dumps([endpoint]),
        "REELGATE_WEBHOOK_PRIVATE_TARGETS": "allow",
        "REELGATE_API_URL": f"http://{HOST}:{port_of('gateway', base)}",
    }
    if caller.get("REELGATE_SMTP_HOST"):
        return webhooks
    return {
        **webhooks,
        "REELGATE_SMTP_HOST": HOST,
        "REELGATE_SMTP_PORT": str(port_of("smtp", base)),
        "REELGATE_SMTP_SECURITY": "none",
        "REELGATE_MAIL_FROM": "no-reply@reelgate.example",
    }


def client_environment(base: int, bucket: str) -> dict[str, str]:
    """Return the variables for clients and tests: where everything is. No secrets."""

    def url(name: str) -> str:
        return f"http://{HOST}:{port_of(name, base)}"

    functions = {f"REELGATE_{name.upper()}_URL": url(name) for name in FUNCTIONS}
    others = {f"REELGATE_{name.upper()}_URL": url(name) for name in ("storage", "scheduler", "eventarc", "mail")}
    return {"REELGATE_URL": url("gateway"), **functions, **others, **emulator_hosts(base), "REELGATE_MEDIA_BUCKET": bucket}


def export_lines(environment: Mapping[str, str]) -> str:
    """Return lines that a POSIX shell can evaluate."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
