"""What `gcloud storage hmac`, `secrets versions` and `functions list` do, over a state in a file (see conftest.py).

The answers have the form of the real ones (Google Cloud SDK 528, --format=json); tests/integration/operations compares.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["FAKE_GCLOUD"])


def hmac_create(state: dict[str, Any], account: str) -> Any:
    state["clock"] += 1
    number = len(state["made_secrets"]) + 1
    access_id, secret = f"GOOG1EKEY{number}", f"s3cr3t+/{number}"
    state["made_secrets"].append(secret)
    created = f"2026-11-20T10:{state['clock']:02}:00.000Z"
    state["keys"][access_id] = {"account": account, "state": "ACTIVE", "timeCreated": created, "secret": secret}
    return {"kind": "storage#hmacKey", "metadata": shown(state, access_id), "secret": secret}


def hmac_update(state: dict[str, Any], access_id: str) -> Any:
    key(state, access_id)["state"] = "INACTIVE"
    return shown(state, access_id)


def hmac_delete(state: dict[str, Any], access_id: str) -> None:
    if key(state, access_id)["state"] == "ACTIVE":
        sys.exit("ERROR: HTTPError 400: Cannot delete keys in 'ACTIVE' state.")
    del state["keys"][access_id]


def hmac_describe(state: dict[str, Any], access_id: str) -> Any:
    key(state, access_id)
    return shown(state, access_id)


def hmac_list(state: dict[str, Any], *_: str) -> Any:
    account = option("--service-account")
    return [shown(state, access_id) for access_id, one in state["keys"].items() if one["account"] == account]


def versions_add(state: dict[str, Any], secret: str) -> Any:
    assert option("--data-file") == "-"
    versions = state["secrets"][secret]
    number = str(len(versions) + 1)
    versions[number] = sys.stdin.read()
    return {"name": f"projects/123/secrets/{secret}/versions/{number}", "state": "ENABLED"}


def versions_list(state: dict[str, Any], secret: str) -> Any:
    versions = state["secrets"][secret]
    return [{"name": f"projects/123/secrets/{secret}/versions/{number}"} for number, value in versions.items() if value]


def versions_destroy(state: dict[str, Any], number: str) -> Any:
    state["secrets"][option("--secret")][number] = ""
    return {"state": "DESTROYED"}


def functions_list(state: dict[str, Any], *_: str) -> Any:
    return state["functions"]


def functions_describe(state: dict[str, Any], name: str) -> Any:
    assert option("--region") == "europe-west1"
    [found] = [one for one in state["functions"] if one["name"].endswith(f"/{name}")]
    return found


def logging_read(state: dict[str, Any], query: str) -> Any:
    assert "jsonPayload.audit" in query or "jsonPayload.request_id=" in query
    return state["logs"]


COMMANDS = {
    "functions describe": functions_describe,
    "logging read": logging_read,
    "storage hmac create": hmac_create,
    "storage hmac update": hmac_update,
    "storage hmac delete": hmac_delete,
    "storage hmac describe": hmac_describe,
    "storage hmac list": hmac_list,
    "secrets versions add": versions_add,
    "secrets versions list": versions_list,
    "secrets versions destroy": versions_destroy,
    "functions list": functions_list,
}


def key(state: dict[str, Any], access_id: str) -> dict[str, Any]:
    if access_id not in state["keys"]:
        sys.exit("ERROR: HTTPError 404: Access ID not found.")
    found: dict[str, Any] = state["keys"][access_id]
    return found


def shown(state: dict[str, Any], access_id: str) -> dict[str, Any]:
    one = state["keys"][access_id]
    return {
        "accessId": access_id,
        "serviceAccountEmail": one["account"],
        "state": one["state"],
        "timeCreated": one["timeCreated"],
    }


def option(name: str) -> str:
    return next((word.partition("=")[2] for word in sys.argv if word.startswith(f"{name}=")), "")


def main() -> None:
    with (FOLDER / "calls").open("a") as calls:
        calls.write(json.dumps(sys.argv[1:]) + "\n")
    assert os.environ["CLOUDSDK_CORE_DISABLE_FILE_LOGGING"] == "true", "gcloud would log the secret"
    assert {"--project=videos-1", "--format=json", "--quiet"} <= set(sys.argv)
    state = json.loads((FOLDER / "state.json").read_text())
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    name = next(name for name in COMMANDS if words[: len(name.split())] == name.split())
    wanted = next((start for start, times in state["fail"].items() if times and " ".join(words).startswith(start)), None)
    if wanted is not None:
        state["fail"][wanted] -= 1
        (FOLDER / "state.json").write_text(json.dumps(state))
        sys.exit(f"ERROR: (gcloud.{name}) {state.get('says', 'PERMISSION_DENIED')}")
    answer = COMMANDS[name](state, *words[len(name.split()) :])  # type: ignore[operator]
    (FOLDER / "state.json").write_text(json.dumps(state))
    print("" if answer is None else json.dumps(answer))


if __name__ == "__main__":
    main()
