"""Settings: defaults, bounds, all problems at once, nothing of an emulator in the cloud, and no secrets shown."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from reelgate.config import EMULATOR_VARIABLES, Settings
from reelgate.web.compat.uploads.forms import FORM_OVERHEAD_BYTES

NEEDED = {
    "GOOGLE_CLOUD_PROJECT": "demo-reelgate",
    "REELGATE_MEDIA_BUCKET": "demo-reelgate-media",
    "REELGATE_SIGNER_ACCOUNT": "signer@demo-reelgate.iam.gserviceaccount.com",
}


def problems_of(env: dict[str, str]) -> list[str]:
    with pytest.raises(ValueError, match="The configuration is wrong") as wrong:
        Settings.from_env(env)
    return str(wrong.value).splitlines()[1:]


def test_defaults_are_those_of_the_older_services() -> None:
    settings = Settings.from_env(NEEDED)
    limits = settings.policy.default_limits
    assert (limits.storage_bytes, limits.daily_bytes, limits.alert_percents) == (52428800, 104857600, (80, 100))
    assert settings.policy.zone == ZoneInfo("UTC")
    for chunked in (False, True):
        takes = [
            settings.policy.accepts(kind, chunked=chunked) for kind in ("video/webm", "audio/mpeg", "video/html", "image/png")
        ]
        assert takes == [True, True, False, False]
    assert (settings.signer, settings.storage_url) == ("iam", "https://storage.googleapis.com")
    assert (settings.cors_origins, settings.auth_emulator, settings.in_cloud) == ((), None, False)
    assert settings.anonymous_users is False
    assert settings.firestore_emulator is None
    assert settings.metadata_host == "metadata.google.internal"


def test_a_form_is_small_enough_for_api_gateway_whatever_its_megabytes_are() -> None:
    assert Settings.from_env(NEEDED).policy.form_upload_max_bytes + FORM_OVERHEAD_BYTES <= 32 * 1000**2
    largest = Settings.from_env({**NEEDED, "REELGATE_FORM_UPLOAD_MAX_BYTES": "32505856"}).policy.form_upload_max_bytes
    assert largest + FORM_OVERHEAD_BYTES <= 32 * 1024**2


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert problems_of({"REELGATE_SIGNER": "hmac"}) == [
        "- GOOGLE_CLOUD_PROJECT is missing",
        "- REELGATE_MEDIA_BUCKET is missing",
        "- REELGATE_HMAC_ACCESS_ID is missing (REELGATE_SIGNER is hmac)",
        "- REELGATE_HMAC_SECRET is missing (REELGATE_SIGNER is hmac)",
    ]


@pytest.mark.parametrize(
    ("signer", "missing"),
    [("", "REELGATE_SIGNER_ACCOUNT"), ("iam", "REELGATE_SIGNER_ACCOUNT"), ("key_file", "REELGATE_SIGNER_KEY_FILE")],
)
def test_each_signer_names_what_it_needs(signer: str, missing: str) -> None:
    env = {name: value for name, value in NEEDED.items() if name != "REELGATE_SIGNER_ACCOUNT"} | {"REELGATE_SIGNER": signer}
    assert problems_of(env) == [f"- {missing} is missing (REELGATE_SIGNER is {signer or 'iam'})"]


def test_a_function_that_signs_nothing_needs_no_signer() -> None:
    env = {name: value for name, value in NEEDED.items() if name != "REELGATE_SIGNER_ACCOUNT"} | {"REELGATE_SIGNER": "none"}
    assert Settings.from_env(env).signer == "none"


def test_a_day_of_conversions_has_time_for_one() -> None:
    assert problems_of({**NEEDED, "REELGATE_CONVERT_DAY_SECONDS": "539"}) == [
        "- REELGATE_CONVERT_DAY_SECONDS must be at least REELGATE_CONVERT_DEADLINE_SECONDS"
    ]
    enough = {"REELGATE_CONVERT_DAY_SECONDS": "60", "REELGATE_CONVERT_DEADLINE_SECONDS": "60"}
    assert Settings.from_env({**NEEDED, **enough}).conversion.rules.day_seconds == 60


def test_a_url_that_iam_signs_may_not_outlive_its_key() -> None:
    long = {**NEEDED, "REELGATE_STREAM_URL_SECONDS": "21601"}
    (problem,) = problems_of(long)
    assert problem.startswith("- REELGATE_STREAM_URL_SECONDS can be at most 21600 with REELGATE_SIGNER=iam")
    assert Settings.from_env({**long, "REELGATE_STREAM_URL_SECONDS": "21600"}).policy.stream_url_seconds == 21_600
    assert Settings.from_env({**long, "REELGATE_SIGNER": "none"}).policy.stream_url_seconds == 21_601


MALFORMED = {
    "REELGATE_STORAGE_LIMIT_BYTES": ["-1", "50MB", "1.5"],
    "REELGATE_DAILY_LIMIT_BYTES": ["-1", "x"],
    "REELGATE_ALERT_THRESHOLDS": ["0", "101", "x", ",", "80;100"],
    "REELGATE_DAY_TIME_ZONE": ["Mars/Olympus", "../../etc/passwd", "/etc/localtime"],
    "REELGATE_MAX_FILE_BYTES": ["0"],
    "REELGATE_FORM_UPLOAD_MAX_BYTES": ["0", "32505857"],
    "REELGATE_FORMS_PER_USER": ["0", "5"],
    "REELGATE_FORM_MIN_BYTES_PER_SECOND": ["0", "1048577"],
    "REELGATE_CONTENT_TYPES": ["video", "*/*/*", "video/mp4; x=y"],
    "REELGATE_UPLOAD_ROLES": ["root", ",", "user,root"],
    "REELGATE_UPLOAD_URL_SECONDS": ["0", "43201"],
    "REELGATE_UPLOAD_EXPIRY_SECONDS": ["0", "604801"],
    "REELGATE_STREAM_URL_SECONDS": ["0", "43201"],
    "REELGATE_TRASH_DAYS": ["-1", "3651"],
    "REELGATE_TRASH_LIMIT_PERCENT": ["99", "10001"],
    "REELGATE_MEDIA_BUCKET": ["Media", "a/b", "gs://media", "x"],
    "REELGATE_MAX_OPEN_UPLOADS": ["0", "401"],
    "REELGATE_SIGNER": ["rsa"],
    "REELGATE_ANONYMOUS_USERS": ["true", "yes", "ALLOW "],
    "REELGATE_JWT_ISSUERS": ["{}", "nonsense", "[]", "[{}]", '[{"issuer": "i", "audience": "a"}]'],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in MALFORMED.items() for value in values])
def test_malformed_values_are_named(name: str, value: str) -> None:
    (problem,) = problems_of({**NEEDED, name: value})
    assert problem.startswith(f"- {name}")


def test_all_malformed_values_are_named_at_once() -> None:
    problems = problems_of({name: values[0] for name, values in MALFORMED.items()})
    named = {problem.removeprefix("- ").split(":")[0].split(" ")[0] for problem in problems}
    assert named == MALFORMED.keys() | {"GOOGLE_CLOUD_PROJECT"}


def test_values_are_read() -> None:
    env = {
        **NEEDED,
        "REELGATE_STORAGE_LIMIT_BYTES": "0",
        "REELGATE_ALERT_THRESHOLDS": "100, 50,50",
        "REELGATE_DAY_TIME_ZONE": "Europe/Berlin",
        "REELGATE_CONTENT_TYPES": "Video/MP4, audio/*",
        "REELGATE_UPLOAD_ROLES": "admin",
        "REELGATE_CORS_ORIGINS": "https://a.example, https://b.example",
        "REELGATE_TOPIC_ALERTS": "my-alerts",
        "REELGATE_JWT_ISSUERS": '[{"firebase_project": "p"}]',
        "REELGATE_ANONYMOUS_USERS": "allow",
        "STORAGE_EMULATOR_HOST": "127.0.0.1:8081/",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:8083",
        "GCE_METADATA_HOST": "169.254.169.254",
    }
    settings = Settings.from_env(env)
    assert settings.policy.default_limits.storage_bytes == 0
    assert settings.anonymous_users is True
    assert settings.policy.default_limits.alert_percents == (50, 100)
    assert settings.policy.zone.key == "Europe/Berlin"
    assert [settings.policy.accepts(t) for t in ("video/mp4", "video/webm", "audio/ogg")] == [True, False, True]
    assert settings.policy.upload_roles == {"admin"}
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.topics == {"videos": "videos", "alerts": "my-alerts", "accounts": "accounts", "audit": "audit"}
    assert settings.storage_url == "http://127.0.0.1:8081"
    assert settings.firestore_emulator == "127.0.0.1:8083"
    assert settings.metadata_host == "169.254.169.254"


@pytest.mark.parametrize("name", EMULATOR_VARIABLES)
def test_emulators_are_refused_in_the_cloud(name: str) -> None:
    Settings.from_env({**NEEDED, name: "127.0.0.1:9000"})
    (problem,) = problems_of({**NEEDED, name: "127.0.0.1:9000", "K_SERVICE": "upload"})
    assert problem.startswith(f"- {name} is set although this runs on Google Cloud")


def test_all_emulators_are_named_at_once() -> None:
    env = {**NEEDED, "K_SERVICE": "upload"} | dict.fromkeys(EMULATOR_VARIABLES, "127.0.0.1:9000")
    assert len(problems_of(env)) == len(EMULATOR_VARIABLES) == 4


def test_secrets_show_neither_in_the_repr_nor_in_problems() -> None:
    secret = "bGFuZ3dlaWxpZw"
    env = {**NEEDED, "REELGATE_SIGNER": "hmac", "REELGATE_HMAC_ACCESS_ID": "GOOG1", "REELGATE_HMAC_SECRET": secret}
    settings = Settings.from_env(env)
    assert settings.hmac_secret == secret
    assert secret not in repr(settings)
    assert secret not in "".join(problems_of({**env, "REELGATE_TRASH_DAYS": "x"}))


def test_smaller_renditions_are_off_unless_they_are_named() -> None:
    for text, labels in (("", ()), ("none", ()), ("480p", ("480p",)), ("240p, 480p", ("240p", "480p"))):
        settings = Settings.from_env({**NEEDED, "REELGATE_HLS_RENDITIONS": text})
        assert settings.conversion.rules.renditions == labels
    assert Settings.from_env(NEEDED).conversion.rules.encoder == "libx264"
    for name, wrong in (("REELGATE_HLS_RENDITIONS", "720p"), ("REELGATE_HLS_ENCODER", "lib-x264;")):
        [problem] = problems_of({**NEEDED, name: wrong})
        assert problem.startswith(f"- {name}: ")
