"""The bridge's configuration: everything wrong is named at once."""

import json
from typing import Any

import pytest

from localcloud.eventarc.settings import InvalidSettings, RetryPolicy, read_settings

TRIGGER = {"name": "finalize", "type": "t", "bucket": "b", "url": "http://127.0.0.1:1/"}


def settings_text(**members: Any) -> str:
    """Return a configuration that works, with changes."""
    return json.dumps({"storage_url": "http://127.0.0.1:2/", "triggers": [TRIGGER], **members})


def test_defaults_are_pubsubs_but_for_the_backoff() -> None:
    settings = read_settings(settings_text())
    assert settings.storage_url == "http://127.0.0.1:2"
    assert [trigger.name for trigger in settings.triggers] == ["finalize"]
    assert (settings.retry.ack_deadline_seconds, settings.retry.retention_seconds) == (600, 86400)
    assert (settings.retry.min_backoff_seconds, settings.retry.max_backoff_seconds) == (0.2, 10)


def test_the_retry_policy_can_be_set() -> None:
    retry = read_settings(settings_text(ack_deadline_seconds=10, max_in_flight=3)).retry
    assert retry == RetryPolicy(ack_deadline_seconds=10, max_in_flight=3)


def test_all_problems_are_named() -> None:
    triggers = [TRIGGER, TRIGGER, {**TRIGGER, "url": "nowhere"}, {"name": "x"}]
    with pytest.raises(InvalidSettings) as refused:
        read_settings(settings_text(storage_url=5, triggers=triggers, retention_seconds=-1, retension=1))
    named = [problem.partition(":")[0] for problem in refused.value.problems]
    expected = ["storage_url", "triggers[1].name", "triggers[2].url", "triggers[3]", "retention_seconds", "retension"]
    assert named == expected


@pytest.mark.parametrize("text", ["{", "[]", '{"storage_url": "http://h"}'])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings):
        read_settings(text)


def test_the_wait_doubles_up_to_the_maximum() -> None:
    policy = RetryPolicy(min_backoff_seconds=0.2, max_backoff_seconds=1)
    assert [policy.wait_seconds(failed) for failed in (1, 2, 3, 4, 10_000)] == [0.2, 0.4, 0.8, 1, 1]


def test_a_trigger_matches_exactly() -> None:
    (trigger,) = read_settings(settings_text()).triggers
    assert trigger.matches("t", "b")
    assert not trigger.matches("t", "bb")
    assert not trigger.matches("T", "b")
