"""Each function may do what its code does, and nothing else: what its main.py can reach, against its row in functions.tf."""

from __future__ import annotations

import re

import pytest

from tests.fixtures.api_client import FUNCTIONS as ROUTES_OF
from tests.fixtures.function_archives import FUNCTIONS, ROOT
from tests.fixtures.reachability import CARRIES_OUT, reached_by
from tests.fixtures.terraform.text import local

# What a definition that is reached needs a right for. Removals that an outbox asks for are asked for by purge and finish.
TELLS = {
    "videos": r"use_cases\.[\w.]+\.(finish_upload|delete_video|complete_upload|request_audio|announce_audio)"
    r"\.(finish|delete|restore|purge|complete|request|announce)_",
    "alerts": r"use_cases\.books\.deliver_outbox\.deliver$",  # every change of an account may raise some
    "accounts": r"use_cases\.accounts\.open_account\.open_account$",
    "audit": r"use_cases\.audit\.publish_audit_event\.publish_audit_event$",
}
SWEEPS = r"use_cases\.upkeep\.sweep\.empty_outbox$"
WRITES = r"services\.media\.(put|compose|open_session)\b"
SETTLES = r"services\.media\.(reset|put_placeholder)\b"
REMOVES = r"services\.media\.(remove|remove_all)\b"
READS = r"services\.media_ranges\b"
READS_LOGS = r"services\.usage_logs\b"
DERIVES = r"services\.derived_objects\b"
READS_INDEXES = r"services\.segment_indexes\b"
ERASES = r"services\.personal_objects\b"
SIGNS = r"services\.signer\b"
KEEPS_USERS = r"services\.directory\.(create|remove|set_role|set_disabled)\b"
REMOVES_USERS = r"services\.user_removal\b"

ASKS_ABOUT_ADMINS = r"use_cases\.\w+\.(upload_request\.require_uploader|reset_usage\.reset_usage)$"


def reaches(function: str, name: str) -> bool:
    return any(re.search(name, definition) for definition in reached_by(function))


def does(function: str, call: str) -> bool:
    sources = {name: source for name, source in reached_by(function).items() if not name.endswith(CARRIES_OUT)}
    return any(re.search(call, source) for source in sources.values())


def test_reaching_goes_through_tables_of_routes_in_other_modules() -> None:
    assert reaches("upload", r"use_cases\.uploads\.chunks\.sign_chunks\.")
    assert reaches("accounts", r"use_cases\.accounts\.change_user\.change_user$")
    assert not reaches("usage", r"use_cases\.videos\.delete_video\.")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_topics(function: str) -> None:
    told = set(TELLS) if reaches(function, SWEEPS) else {topic for topic, name in TELLS.items() if reaches(function, name)}
    assert set(local("functions")[function]["publishes"]) == told


@pytest.mark.parametrize("function", FUNCTIONS)
def test_buckets(function: str) -> None:
    needed = {}
    if does(function, WRITES):
        needed["media"] = "roles/storage.objectUser"
    elif does(function, SETTLES):
        needed["media"] = "${local.roles.object_settler}"
    elif does(function, REMOVES) or does(function, ERASES) or reaches(function, r"delete_video\.purge_video$"):
        needed["media"] = "${local.roles.object_remover}"
    elif does(function, READS):
        needed["media"] = "roles/storage.objectViewer"
    if does(function, READS_LOGS):
        needed["usage_logs"] = "roles/storage.objectViewer"
    if does(function, DERIVES):
        needed["derived"] = "roles/storage.objectUser"
    elif does(function, ERASES):
        needed["derived"] = "${local.roles.object_remover}"
    elif does(function, READS_INDEXES):
        needed["derived"] = "roles/storage.objectViewer"
    assert local("functions")[function]["buckets"] == needed


@pytest.mark.parametrize("function", FUNCTIONS)
def test_signing(function: str) -> None:
    row, main = local("functions")[function], (ROOT / "functions" / function / "main.py").read_text()
    assert (row["signs"] is not None) == does(function, SIGNS) == ("signs=True" in main)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_users(function: str) -> None:
    looks_up = any(route.admin for route in ROUTES_OF.get(function, ())) or reaches(function, ASKS_ABOUT_ADMINS)
    needed = "user_keeper" if does(function, KEEPS_USERS) else "user_reader" if looks_up else None
    needed = needed or ("user_remover" if does(function, REMOVES_USERS) else None)
    granted = str(local("functions")[function]["project_roles"])
    assert [role for role in ("user_keeper", "user_reader", "user_remover") if role in granted] == ([needed] if needed else [])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_pushes(function: str) -> None:
    main = (ROOT / "functions" / function / "main.py").read_text()
    pushed = {row["function"] for row in local("subscriptions").values()}
    assert ("takes_pushes=True" in main) == (function in pushed)
