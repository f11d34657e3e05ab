"""Settings of mails and webhooks: what is read, everything that is wrong at once, and no secret in any of it."""

from __future__ import annotations

import base64
import json

import pytest

from reelgate.bootstrap import CloudServices
from reelgate.config import Settings

NEEDED = {
    "GOOGLE_CLOUD_PROJECT": "demo-reelgate",
    "REELGATE_MEDIA_BUCKET": "demo-reelgate-media",
    "REELGATE_SIGNER_ACCOUNT": "signer@demo-reelgate.iam.gserviceaccount.com",
}
MAIL = {"REELGATE_SMTP_HOST": "smtp.example.com", "REELGATE_MAIL_FROM": "Films <no-reply@example.com>"}
SECRET = f"whsec_{base64.b64encode(b'x' * 32).decode()}"
ENDPOINT = {"id": "main", "url": "https://main.example/hook/8f2c-private-path", "secrets": [SECRET], "events": ["video.*"]}


def read(**env: str) -> Settings:
    return Settings.from_env({**NEEDED, **env})


def problems(**env: str) -> list[str]:
    with pytest.raises(ValueError, match="The configuration is wrong") as wrong:
        read(**env)
    return [line.removeprefix("- ") for line in str(wrong.value).splitlines()[1:]]


def endpoints(*items: object) -> dict[str, str]:
    return {"REELGATE_WEBHOOKS": json.dumps(items)}


def test_mails_are_for_verified_addresses_and_registrations_confirm_them() -> None:
    usual, open_to_all = read(), read(REELGATE_UNVERIFIED_ADDRESSES="mail", REELGATE_MAILS_PER_DAY="5")
    assert (usual.notifications.channels.to_unverified, usual.notifications.channels.mails_per_day) == (False, 20)
    assert usual.accounts.policy.confirm_addresses
    assert (open_to_all.notifications.channels.to_unverified, open_to_all.notifications.channels.mails_per_day) == (True, 5)
    assert not open_to_all.accounts.policy.confirm_addresses


def test_nothing_set_means_nothing_sent() -> None:
    settings = read().notifications
    assert (settings.mail, settings.channels.endpoints, settings.private_targets) == (None, (), False)
    assert (settings.channels.mails, settings.channels.attempts, settings.channels.product, settings.channels.api_url) == (
        False,
        10,
        "Reelgate",
        "",
    )


@pytest.mark.parametrize(("security", "port"), [("", 587), ("starttls", 587), ("tls", 465)])
def test_the_port_follows_the_security(security: str, port: int) -> None:
    mail = read(**MAIL, REELGATE_SMTP_SECURITY=security).notifications.mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security) == ("smtp.example.com", port, security or "starttls")


def test_everything_is_read() -> None:
    more = {
        "REELGATE_SMTP_PORT": "2525",
        "REELGATE_SMTP_USER": "films",
        "REELGATE_SMTP_PASSWORD": "pass word",
        "REELGATE_MAIL_UNSUBSCRIBE": "https://films.example/mails",
        "REELGATE_MAIL_AUDIO_PAGE": "https://films.example/videos/{video_id}?tab=mp3",
        "REELGATE_PRODUCT_NAME": "Films",
        "REELGATE_API_URL": "https://api.films.example/v1/",
        "REELGATE_DELIVERY_ATTEMPTS": "50",
    }
    settings = read(**MAIL, **more, **endpoints(ENDPOINT, {**ENDPOINT, "id": "ops", "events": None})).notifications
    assert settings.mail is not None
    assert (settings.mail.port, settings.mail.user, settings.mail.password) == (2525, "films", "pass word")
    assert settings.channels.audio_page == "https://films.example/videos/{video_id}?tab=mp3"
    assert settings.mail.unsubscribe == "https://films.example/mails"
    assert (settings.channels.product, settings.channels.api_url) == ("Films", "https://api.films.example/v1")
    assert (settings.channels.mails, settings.channels.attempts) == (True, 50)
    main, ops = settings.channels.endpoints
    assert (main.id, main.url, main.secrets, main.events) == ("main", ENDPOINT["url"], (b"x" * 32,), ("video.*",))
    assert (ops.id, ops.events) == ("ops", ("*",))


@pytest.mark.parametrize(
    ("env", "problem"),
    [
        ({"REELGATE_SMTP_HOST": "smtp.example.com"}, "REELGATE_MAIL_FROM is missing (REELGATE_SMTP_HOST is set)"),
        ({**MAIL, "REELGATE_SMTP_SECURITY": "none"}, "REELGATE_SMTP_SECURITY: 'none' needs a mail server on the same machine"),
        ({**MAIL, "REELGATE_SMTP_SECURITY": "ssl"}, "REELGATE_SMTP_SECURITY must be one of"),
        ({**MAIL, "REELGATE_SMTP_USER": "films"}, "REELGATE_SMTP_USER and REELGATE_SMTP_PASSWORD must be set together"),
        ({"REELGATE_SMTP_HOST": "a b"}, "REELGATE_SMTP_HOST: must be"),
        ({"REELGATE_SMTP_PORT": "0"}, "REELGATE_SMTP_PORT: must be from 1 to 65535"),
        ({"REELGATE_MAIL_FROM": "nobody"}, "REELGATE_MAIL_FROM: is not an e-mail address"),
        ({"REELGATE_MAIL_UNSUBSCRIBE": "http://x.example"}, "REELGATE_MAIL_UNSUBSCRIBE: must start with mailto: or https://"),
        (
            {"REELGATE_MAIL_UNSUBSCRIBE": "mailto:a@b.c>,<https://x"},
            "REELGATE_MAIL_UNSUBSCRIBE: must start with mailto: or https://",
        ),
        ({"REELGATE_MAIL_AUDIO_PAGE": "https://films.example/mp3"}, "REELGATE_MAIL_AUDIO_PAGE: must be a URL"),
        ({"REELGATE_MAIL_AUDIO_PAGE": "javascript:{video_id}"}, "REELGATE_MAIL_AUDIO_PAGE: must be a URL"),
        ({"REELGATE_MAIL_AUDIO_PAGE": 'https://x/"{video_id}'}, "REELGATE_MAIL_AUDIO_PAGE: must be a URL"),
        ({"REELGATE_PRODUCT_NAME": "a\nb"}, "REELGATE_PRODUCT_NAME: must be one line"),
        ({"REELGATE_API_URL": "api.example"}, "REELGATE_API_URL: must be"),
        ({"REELGATE_API_URL": "https://api.example/?x"}, "REELGATE_API_URL: must be"),
        ({"REELGATE_MAILS_PER_DAY": "0"}, "REELGATE_MAILS_PER_DAY: must be from 1 to 1000"),
        (
            {"REELGATE_UNVERIFIED_ADDRESSES": "yes"},
            "REELGATE_UNVERIFIED_ADDRESSES must be one of withhold, mail, not 'yes'",
        ),
        ({"REELGATE_DELIVERY_ATTEMPTS": "0"}, "REELGATE_DELIVERY_ATTEMPTS: must be from 1 to 50"),
        ({"REELGATE_DELIVERY_ATTEMPTS": "51"}, "REELGATE_DELIVERY_ATTEMPTS: must be from 1 to 50"),
        ({"REELGATE_WEBHOOK_PRIVATE_TARGETS": "yes"}, "REELGATE_WEBHOOK_PRIVATE_TARGETS must be one of"),
        ({"REELGATE_WEBHOOKS": "["}, "REELGATE_WEBHOOKS: is not JSON"),
        ({"REELGATE_WEBHOOKS": "{}"}, "REELGATE_WEBHOOKS: must be a JSON list"),
    ],
)
def test_what_is_wrong_is_named(env: dict[str, str], problem: str) -> None:
    (found,) = problems(**env)
    assert found.startswith(problem)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_no_encryption_is_for_this_machine(host: str) -> None:
    mail = read(**{**MAIL, "REELGATE_SMTP_HOST": host, "REELGATE_SMTP_SECURITY": "none"}).notifications.mail
    assert mail is not None
    assert (mail.security, mail.port) == ("none", 25)


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("main", "must be an object"),
        ({**ENDPOINT, "token": SECRET}, "has unknown fields"),
        ({**ENDPOINT, "id": "Main"}, "id must be"),
        ({**ENDPOINT, "id": "mail"}, "id must be"),
        ({**ENDPOINT, "id": "a" * 25}, "id must be"),
        ({**ENDPOINT, "url": None}, "url is missing"),
        ({**ENDPOINT, "url": f"http://main.example/{SECRET}"}, "url must begin with https://"),
        ({**ENDPOINT, "url": "https://169.254.169.254/"}, "url leads to an address that is not public"),
        ({**ENDPOINT, "secrets": []}, "secrets must be a list of 1 to 5"),
        ({**ENDPOINT, "secrets": [SECRET] * 6}, "secrets must be a list of 1 to 5"),
        ({**ENDPOINT, "secrets": SECRET}, "secrets must be a list of 1 to 5"),
        ({**ENDPOINT, "secrets": [SECRET, SECRET[:-9]]}, "secret 1 must be whsec_"),
        ({**ENDPOINT, "secrets": [7]}, "secret 0 must be whsec_"),
        ({**ENDPOINT, "events": []}, "events must be"),
        ({**ENDPOINT, "events": ["video ready"]}, "events must be"),
        ({**ENDPOINT, "events": ["*.ready"]}, "events must be"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_named_without_its_secrets(item: object, problem: str) -> None:
    (found,) = problems(**endpoints(ENDPOINT, item))
    assert found.startswith(f"REELGATE_WEBHOOKS: endpoint 1: {problem}")
    assert SECRET not in found
    assert SECRET[:-9] not in found


def test_all_endpoints_problems_are_named_at_once() -> None:
    (found,) = problems(**endpoints({"id": "X", "url": "http://x", "secrets": ["x"]}, 7, {**ENDPOINT, "events": 7}))
    assert [
        words in found for words in ("endpoint 0: id", "endpoint 0: url", "endpoint 0: secret 0", "endpoint 1", "endpoint 2")
    ] == [True] * 5


def test_an_id_stands_for_one_endpoint() -> None:
    assert problems(**endpoints(ENDPOINT, ENDPOINT)) == ["REELGATE_WEBHOOKS: id main: listed twice"]


def test_private_targets_are_for_a_developer_s_machine() -> None:
    local = endpoints({**ENDPOINT, "url": "http://127.0.0.1:8088/x"})
    assert read(**local, REELGATE_WEBHOOK_PRIVATE_TARGETS="allow").notifications.private_targets is True
    (found,) = problems(**local, REELGATE_WEBHOOK_PRIVATE_TARGETS="allow", K_SERVICE="notify")
    assert found.startswith("REELGATE_WEBHOOK_PRIVATE_TARGETS is for the local cloud only")


def test_no_secret_shows_in_the_repr() -> None:
    settings = read(**MAIL, REELGATE_SMTP_USER="films", REELGATE_SMTP_PASSWORD="hunter2hunter2", **endpoints(ENDPOINT))
    shown = repr(settings)
    assert "hunter2" not in shown
    assert "private-path" not in shown
    assert "xxxxxxxx" not in shown
    assert SECRET not in shown


def test_that_no_mails_are_sent_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    services = CloudServices(read())
    assert [services.mailer, services.mailer] == [None, None]
    assert [record.getMessage() for record in caplog.records] == ["no mails are sent: REELGATE_SMTP_HOST is not set"]
    assert CloudServices(read(**MAIL)).mailer is not None
