"""docs/configuration.md names every variable that is read, and none that is not, with the defaults that hold."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping

import pytest

from reelgate.config import Settings
from tests.fixtures.openapi_document import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROWS = {m[1]: m[0].split("|") for m in re.finditer(r"^\| `([A-Z_]+)` \|.*$", PAGE, re.MULTILINE)}


class Watched(Mapping[str, str]):
    """An environment that notes which names were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values_by_name = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("settings are read by name")

    def __len__(self) -> int:
        return len(self.values_by_name)


def read(**more: str) -> tuple[Settings, set[str]]:
    env = Watched({"GOOGLE_CLOUD_PROJECT": "p", "REELGATE_MEDIA_BUCKET": "media", "REELGATE_SIGNER_ACCOUNT": "a", **more})
    return Settings.from_env(env), env.asked


def test_the_page_names_exactly_what_is_read() -> None:
    in_the_cloud = read(K_SERVICE="upload")[1]
    assert ROWS.keys() == read()[1] | in_the_cloud


def test_the_page_s_numbers_are_the_defaults() -> None:
    policy, rules = read()[0].policy, read()[0].conversion.rules
    defaults = {
        "REELGATE_STORAGE_LIMIT_BYTES": policy.default_limits.storage_bytes,
        "REELGATE_DAILY_LIMIT_BYTES": policy.default_limits.daily_bytes,
        "REELGATE_MAX_FILE_BYTES": policy.max_file_bytes,
        "REELGATE_FORM_UPLOAD_MAX_BYTES": policy.form_upload_max_bytes,
        "REELGATE_FORMS_PER_USER": policy.forms_per_user,
        "REELGATE_FORM_MIN_BYTES_PER_SECOND": policy.form_min_bytes_per_second,
        "REELGATE_UPLOAD_URL_SECONDS": policy.upload_url_seconds,
        "REELGATE_UPLOAD_EXPIRY_SECONDS": policy.upload_expiry_seconds,
        "REELGATE_STREAM_URL_SECONDS": policy.stream_url_seconds,
        "REELGATE_TRASH_DAYS": policy.trash_days,
        "REELGATE_TRASH_LIMIT_PERCENT": policy.trash_limit_percent,
        "REELGATE_MAX_OPEN_UPLOADS": policy.max_open_uploads,
        "REELGATE_REJECTED_UPLOADS_PER_DAY": policy.max_rejected_uploads,
        "REELGATE_PART_URL_SECONDS": policy.part_url_seconds,
        "REELGATE_CONVERT_MAX_SECONDS": rules.max_seconds,
        "REELGATE_CONVERT_ATTEMPTS": rules.attempts,
        "REELGATE_CONVERT_DEADLINE_SECONDS": rules.deadline_seconds,
        "REELGATE_CONVERT_DAY_SECONDS": rules.day_seconds,
        "REELGATE_CONVERT_RUNS_PER_USER": rules.runs_at_once,
        "REELGATE_AUDIO_MAX_PERCENT": rules.audio_percent,
        "REELGATE_AUDIO_FLOOR_BYTES": rules.audio_floor_bytes,
        "REELGATE_POSTER_MAX_BYTES": rules.poster_bytes,
        "REELGATE_DERIVED_LIMIT_PERCENT": rules.derived_percent,
    }
    stated = {name: int(ROWS[name][3].split()[0]) for name in defaults}
    assert stated == defaults


def test_the_page_s_words_are_the_defaults() -> None:
    """Setting every default that the page gives as code changes nothing."""
    stated = {name: m[1] for name, row in ROWS.items() if len(row) > 4 and (m := re.fullmatch(r" `(.+)` ", row[3]))}
    assert len(stated) >= 8
    assert dataclasses.asdict(read(**stated)[0]) == dataclasses.asdict(read()[0])


def test_the_page_s_upper_bounds_hold() -> None:
    bounds = {name: m[1] for name, row in ROWS.items() if len(row) > 4 and (m := re.match(r" 1 to (\d+)(:| |$)", row[4]))}
    bounds.pop("REELGATE_ALERT_THRESHOLDS", None)
    assert len(bounds) >= 8
    read(**bounds)
    for name, bound in bounds.items():
        with pytest.raises(ValueError, match=name):
            read(**{name: str(int(bound) + 1)})
