"""Terraform's tables are those of the code and of the local cloud: functions, subscriptions, jobs, metrics, indexes."""

from __future__ import annotations

import json
import re

from localcloud.supervisor.services.jobs import JOBS
from localcloud.supervisor.services.topics import DEAD_LETTER_SUFFIX, PUSH_SUBSCRIPTIONS, TOPICS, any_of
from reelgate.domain import errors
from reelgate.domain.files import part_names
from reelgate.web.compat.uploads.forms import FORMS_AT_ONCE
from tests.fixtures.function_archives import ASSETS, CONSOLE, FUNCTIONS, ROOT, archive_of
from tests.fixtures.openapi_document import METHODS, document
from tests.fixtures.terraform.text import TERRAFORM, local, strings_of, text


def test_the_functions_are_the_folders() -> None:
    assert tuple(sorted(local("functions"))) == FUNCTIONS


def test_openapi_names_only_functions_that_there_are_and_one_per_path() -> None:
    for path, item in document()["paths"].items():
        named = {operation["x-reelgate-function"] for method, operation in item.items() if method in METHODS}
        assert len(named) == 1, f"{path}: API Gateway's preflight could not know whom to ask"
        assert named <= set(FUNCTIONS)


def test_the_load_balancer_can_tell_the_functions_apart() -> None:
    """It compares whole paths first, then templates in which a parameter is one segment."""
    owner: dict[str, str] = {}
    for path, item in document()["paths"].items():
        [function] = {operation["x-reelgate-function"] for method, operation in item.items() if method in METHODS}
        pattern = re.sub(r"\{\w+\}", "*", path)
        assert owner.setdefault(pattern, function) == function, f"{pattern}: {function} or {owner[pattern]}?"
        assert path.count("{") <= 5, "a path template has at most five parameters (Cloud Load Balancing's documentation)"


def test_topics_are_the_local_cloud_s() -> None:
    assert set(strings_of(local("topics"))) == set(TOPICS)
    assert f'name       = "${{var.prefix}}-${{each.key}}{DEAD_LETTER_SUFFIX}"' in text()


def test_subscriptions_are_the_local_cloud_s() -> None:
    here = {
        push.name: (push.topic, push.function, push.path, push.filter, push.ack_deadline_seconds, push.max_delivery_attempts)
        for push in PUSH_SUBSCRIPTIONS
    }
    there = {
        name: (row["topic"], row["function"], "/", any_of(*row["types"]), row["ack_seconds"], row["attempts"])
        for name, row in local("subscriptions").items()
    }
    assert there == here


def test_jobs_are_the_local_cloud_s() -> None:
    there = {name: (job["schedule"], tuple(job["tasks"])) for name, job in local("jobs").items()}
    assert there == {job.name: (job.schedule, job.tasks) for job in JOBS}


def test_the_rule_for_forgotten_parts_finds_them() -> None:
    assert local("chunk_folder") == part_names.FOLDER


def test_uploads_have_memory_for_the_forms_they_take_at_once() -> None:
    [mebibytes] = re.findall(r'memory = "(\d+)Gi"', local("functions")["upload"]["size"])
    assert int(mebibytes) * 1024 >= FORMS_AT_ONCE * 31 * 2 + 256


def test_metrics_count_what_is_logged() -> None:
    logged = set(re.findall(r"jsonPayload\.(\w+)", text()))
    # tests/unit/web: test_request_log.py, test_daily_tasks.py, test_usage_log_event.py; tests/unit/use_cases: test_settling.py
    assert logged == {"refused", "outbox_seconds", "egress_late_bytes", "egress_verdict"}
    [codes] = re.findall(r'code=~\\"\^\(([a-z_|]+)\)\$', text())
    known = {kind.code for kind in _kinds(errors.ReelgateError)}
    assert set(codes.split("|")) <= known


def _kinds(kind: type[errors.ReelgateError]) -> set[type[errors.ReelgateError]]:
    return {kind}.union(*(_kinds(inner) for inner in kind.__subclasses__()))


def test_what_expires_has_a_time_to_live() -> None:
    declared = json.loads((ROOT / "firestore.indexes.json").read_text())["fieldOverrides"]
    lives = {field["collectionGroup"] for field in declared if field.get("ttl")}
    expiring = {field["collectionGroup"] for field in declared if field["fieldPath"] == "expires_at"}
    # An open upload is settled by the sweep: if Firestore removed it, its bytes would stay reserved for ever.
    assert lives == expiring - {"uploads"} >= {"audit", "deliveries"}
    # An index on a growing instant is a hot spot.
    assert all(field["indexes"] == [] for field in declared if field.get("ttl"))


def test_archives_hold_the_whole_package() -> None:
    patterns = re.search(r'"reelgate/\*\*/\*\.\{([a-z,]+)\}"', (TERRAFORM / "modules/function/main.tf").read_text())
    assert patterns is not None
    endings = tuple(f".{ending}" for ending in patterns[1].split(","))
    files = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src/reelgate").rglob("*") if path.is_file()}
    assets = {name for name in files if name.startswith(f"{ASSETS}/")}
    console = {name for name in files if name.startswith(f"{CONSOLE}/")}
    files = {name for name in files - assets if "__pycache__" not in name and not name.startswith(str(CONSOLE))}
    assert {name for name in files if name.endswith(endings)} == files, "a file of the package would not be deployed"
    assert archive_of("upload").keys() == {"main.py", "requirements.txt"} | files
    assert archive_of("stream_url").keys() == {"main.py", "requirements.txt"} | files | assets
    assert archive_of("console").keys() == {"main.py", "requirements.txt"} | files | console


def test_the_rules_of_firestore_open_nothing() -> None:
    rules = re.sub(r"//.*", "", (TERRAFORM / "firestore.rules").read_text(encoding="utf-8"))
    assert re.findall(r"match (\S+)", rules) == ["/databases/{database}/documents", "/{document=**}"]
    assert re.findall(r"allow ([^;]*);", rules) == ["read, write: if false"]
    assert rules.count("{") == rules.count("}")


def test_overrides_that_were_moved_are_those_with_indexes() -> None:
    """Terraform would set a field back whose old entry it lost sight of."""
    declared = json.loads((ROOT / "firestore.indexes.json").read_text())["fieldOverrides"]
    known = {f"{field['collectionGroup']}/{field['fieldPath']}" for field in declared if field["indexes"]}
    moved = set(re.findall(r'google_firestore_field\.override\["([^"]+)"\]', text()))
    assert moved
    assert moved <= known
