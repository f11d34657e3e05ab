"""Whether an API key, which is no JWT, reaches the functions as a bearer token, and whether they refuse it themselves."""

from __future__ import annotations

from ops.live_check.target import Target, shown

AREA = "key"
HELD = "an API key counts, through the gateway"
UNKNOWN = "an unknown API key is refused by the function"
REVOKED = "an API key is revoked"
MADE_UP = "rgk_" + "0" * 16 + "_" + "0" * 43


def bearer(target: Target) -> None:
    """Make a key, ask with it and with one that does not exist, and revoke it. Raises PromiseBroken."""
    label = f"live check {target.run}"
    made = target.ask("POST", "/v1/me/api-keys", 201, json={"label": label, "scopes": ["read"]})
    target.report.keep_secret(made["key"])
    path = f"/v1/me/api-keys/{made['key_id']}"
    target.later(f"API key {made['key_id']}", lambda: target.api("DELETE", path).raise_for_status())
    answer = target.api("GET", "/v1/usage", token=made["key"])
    target.report.promise(AREA, HELD, answer.status_code == 200, shown(answer), "200")
    answer = target.api("GET", "/v1/usage", token=MADE_UP)
    target.report.promise(AREA, UNKNOWN, shown(answer) == "401 invalid_api_key", shown(answer), "401 invalid_api_key")
    answer = target.api("DELETE", path)
    target.report.promise(AREA, REVOKED, answer.status_code == 204, shown(answer), "204")
