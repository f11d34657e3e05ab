"""What must hold of every deployment, read from its state."""

from __future__ import annotations

from reelgate.config import Settings
from tests.terraform.deployment import HMAC_SECRET, SMTP_PASSWORD, WEBHOOK_SECRET, Deployment


def every_function_would_start(deployed: Deployment) -> None:
    environments = deployed.environments()
    buckets = {bucket["name"] for bucket in deployed.all("google_storage_bucket").values()}
    databases = {database["name"] for database in deployed.all("google_firestore_database").values()}
    assert set(environments) == set(deployed.expected_functions)
    for env in environments.values():
        settings = Settings.from_env(env)
        assert settings.in_cloud
        assert settings.project == "demo-project-1"
        assert {settings.media_bucket, settings.conversion.derived_bucket} <= buckets
        assert settings.conversion.media_database in databases
        assert env["FUNCTION_USE_ASGI"] == "true"
        assert settings.worker_timeout_seconds == 0  # gunicorn's heartbeat, not the limit of a request


def pushes_are_for_whom_they_reach(deployed: Deployment) -> None:
    environments = deployed.environments()
    names = {function["name"]: entry for entry, function in deployed.functions().items()}
    pushed = set()
    for subscription in deployed.all("google_pubsub_subscription").values():
        for push in subscription["push_config"] or []:
            [token] = push["oidc_token"]
            host = push["push_endpoint"].removeprefix("https://").removesuffix("/")
            function = names[host.partition(".")[0].rpartition("-")[0]]
            assert f"https://{host}" == token["audience"] == environments[function]["REELGATE_PUSH_AUDIENCE"]
            assert token["service_account_email"] == environments[function]["REELGATE_PUSH_ACCOUNT"]
            pushed.add(function)
    assert pushed == {name for name, env in environments.items() if "REELGATE_PUSH_AUDIENCE" in env}


def signatures_count_wherever_everybody_may_call(deployed: Deployment) -> None:
    """Cloud Run checks tokens only where IAM lets some in and others not; elsewhere a token without a signature is forged."""
    members: dict[str, set[str]] = {}
    for grant in deployed.all("google_cloud_run_v2_service_iam_member").values():
        members.setdefault(grant["name"], set()).add(grant["member"])
    found = set()
    for function, env in deployed.environments().items():
        if "REELGATE_PUSH_AUDIENCE" in env:
            public = members[env["K_SERVICE"]] & {"allUsers", "allAuthenticatedUsers"}
            assert Settings.from_env(env).push_signature == ("checked" if public else "platform"), function
            found.add(function)
    assert "convert" in found


def no_secret_is_in_the_state(deployed: Deployment) -> None:
    text = deployed.states.text(deployed.example)
    for secret in (SMTP_PASSWORD, WEBHOOK_SECRET, HMAC_SECRET):
        assert secret not in text
    for version in deployed.all("google_secret_manager_secret_version").values():
        assert version["secret_data"] is None
        assert version["secret_data_wo"] is None


def nothing_is_taken_away_before_functions_stop_using_it(deployed: Deployment) -> None:
    """By default Terraform removes what a change leaves out first, and changes what depends on it afterwards."""
    functions = deployed.functions().values()
    members = {f"serviceAccount:{function['service_config'][0]['service_account_email']}" for function in functions}
    kept = set()
    for resource in deployed.states.read(deployed.example)["resources"]:
        for instance in resource["instances"]:
            is_right = resource["type"].endswith("_iam_member") and instance["attributes"]["member"] in members
            if is_right or resource["type"] in {"google_firestore_index", "google_firestore_field"}:
                assert instance.get("create_before_destroy"), f"{resource['type']}.{resource['name']}"
                kept.add(f"module.reelgate.{resource['type']}.{resource['name']}")
            if resource["type"] == "google_cloudfunctions2_function":
                waits_for = set(instance["dependencies"])
                assert {
                    "module.reelgate.google_firestore_index.composite",
                    "module.reelgate.google_firestore_field.indexed",
                    "module.reelgate.time_sleep.grants",
                } <= waits_for
                # More than a hundred exemptions, and Eventarc's agent, take minutes that nobody else need wait.
                assert "module.reelgate.google_firestore_field.override" not in waits_for
                waits = instance["attributes"]["build_config"][0]["entry_point"] in {"finalize", "settle_egress"}
                assert ("module.reelgate.time_sleep.eventarc" in waits_for) == waits
    assert len(kept) >= 6


PROMISES = (
    every_function_would_start,
    pushes_are_for_whom_they_reach,
    signatures_count_wherever_everybody_may_call,
    no_secret_is_in_the_state,
    nothing_is_taken_away_before_functions_stop_using_it,
)
