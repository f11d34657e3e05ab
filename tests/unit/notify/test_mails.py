"""What the mails say, that nothing in them can become a header or HTML of its own, and who gets none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.mail.mail_message import MailHeaders, message_bytes, recipient_of
from reelgate.domain.notifications.deliveries import Event
from reelgate.domain.notifications.mail_addresses import mail_address, sender_address
from reelgate.ports.notifications import Mail, NotSent
from reelgate.use_cases.notifications.mails import Sender, compose
from reelgate.use_cases.notifications.mails.layout import lay_out
from reelgate.use_cases.notifications.notify import notify
from tests.doubles.memory_notifications import a_welcome, an_alert, an_audio_event
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.memory_services import MemoryServices

SENDER = Sender(product="Reelgate", api_url="https://api.example")
HEADERS = MailHeaders(sender=mail_address("no-reply@reelgate.example", "Reelgate"))
TO = "ada@example.org"


def sent(event: Event, headers: MailHeaders = HEADERS) -> EmailMessage:
    """Return the mail of an event as a mail program reads it."""
    mail = compose(event, SENDER, to=TO)
    return read(mail, headers)


def read(mail: Mail, headers: MailHeaders = HEADERS) -> EmailMessage:
    raw = message_bytes(mail, headers, to=recipient_of(mail), at=NOON)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998  # RFC 5322, 2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(
    ("event", "subject", "told"),
    [
        (an_alert(), "Your storage has reached 80 % - Reelgate", ["820 bytes of 1.0 kB", "82.0 %", "Delete videos"]),
        (
            an_alert(threshold=100, used=52428800, limit=52428800),
            "Your storage is used up - Reelgate",
            ["52.4 MB of 52.4 MB", "100.0 %", "Uploads are refused until", "52428800 bytes"],
        ),
        (
            an_alert("bandwidth"),
            "Your daily bandwidth has reached 80 % - Reelgate",
            ["2026-11-03", "next day"],
        ),
        (an_alert("bandwidth", threshold=100, used=1000), "Your daily bandwidth is used up - Reelgate", ["are refused"]),
        (
            an_audio_event(),
            "Your MP3 is ready - Reelgate",
            ["holiday.mp4", "2.1 MB", "Sign in to download it", "https://api.example/download?fid=f1"],
        ),
        (a_welcome(), "Welcome - Reelgate", ["sign in with", TO]),
    ],
)
def test_what_they_say(event: Event, subject: str, told: list[str]) -> None:
    message = sent(event)
    assert message["Subject"] == subject
    text, html = part(message, "plain"), part(message, "html")
    assert [words for words in told if words not in text] == []
    assert [words for words in told if words not in html] == []


def test_an_mp3_is_fetched_on_a_page_of_the_deployment_s_own() -> None:
    own = replace(SENDER, audio_page="https://films.example/videos/{video_id}?tab=mp3")
    mail = compose(an_audio_event(), own, to=TO)
    assert "https://films.example/videos/f1?tab=mp3" in mail.text
    assert "api.example" not in mail.text


@pytest.mark.parametrize(("event", "about"), [(an_alert(), "your limits"), (an_audio_event(), "MP3s")])
def test_they_say_how_to_mute_them(event: Event, about: str) -> None:
    assert f"turn off mails about {about} in the settings of your account" in part(sent(event), "plain")


@pytest.mark.parametrize(
    "event", [an_alert(), an_alert("bandwidth"), an_audio_event(), a_welcome()], ids=lambda event: event.type
)
def test_they_speak_to_people_not_to_programs(event: Event) -> None:
    message = sent(event)
    for text in (part(message, "plain"), part(message, "html")):
        assert re.findall(r"\b(?:GET|POST|PATCH|PUT|DELETE) |curl|Bearer|\{\"", text) == []


def test_their_headers() -> None:
    message = sent(an_alert(), MailHeaders(sender=mail_address("x@y.example", "Vidéo"), unsubscribe="mailto:x@y.example"))
    assert message["From"] == "Vidéo <x@y.example>"
    assert message["To"] == TO
    assert message["Message-ID"] == f"<{an_alert().message_id}@y.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<mailto:x@y.example>"
    assert message["Date"].datetime == datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    assert message.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]
    assert "List-Unsubscribe" not in sent(an_alert())


EVIL = "a\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\u2028\x00\x7f\ud800&\"'.mp4"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


def tags_of(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    return parser.seen


@pytest.mark.parametrize(
    ("make", "name"), [(an_audio_event, "filename"), (a_welcome, "username"), (an_alert, "date")], ids=["file", "user", "day"]
)
def test_no_text_becomes_a_header_or_html(make: Callable[..., Event], name: str) -> None:
    message, harmless = sent(make(**{name: EVIL})), sent(make(**{name: "harmless"}))
    assert message.keys() == harmless.keys()
    assert message["Bcc"] is None
    assert tags_of(part(message, "html")) == tags_of(part(harmless, "html"))
    assert len(part(message, "plain").splitlines()) == len(part(harmless, "plain").splitlines())


@pytest.mark.parametrize(("make", "name"), [(an_audio_event, "filename"), (a_welcome, "username")], ids=["file", "user"])
def test_a_user_s_text_is_not_what_mail_programs_list(make: Callable[..., Event], name: str) -> None:
    """They show the subject and the beginning of the text, some as much as 200 characters of it."""
    message = sent(make(**{name: "Pay now at evil.example"}))
    assert "evil" not in message["Subject"]
    plain, html = part(message, "plain"), part(message, "html")
    shown = " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
    assert plain.index("evil.example") > 200
    assert shown.index("evil.example") > 200


@given(st.text(max_size=300))
def test_any_text_can_be_mailed(text: str) -> None:
    mail = lay_out(SENDER, to=TO, message_id="evt_1", title=text, paragraphs=[text], facts=[("Name", text)], footer=text)
    message = read(mail)
    assert len(message.keys()) == 8
    assert tags_of(part(message, "html")).count("p") in (2, 3)
    assert len(mail.subject) <= 140


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@example.org",
        "a@b@c",
        "a@example.org\r\nBcc: b@c",
        "a@b,c@d",
        "<a@b>",
        "a" * 251 + "@b.c",
    ],
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address"):
        mail_address(text)
    with pytest.raises(NotSent) as refused:
        recipient_of(Mail(to=text, subject="", text="", html="", message_id=""))
    assert not refused.value.retryable


def test_addresses_beyond_ascii() -> None:
    assert mail_address("ada@exämple.org").addr_spec == "ada@xn--exmple-cua.org"
    assert mail_address("ada@EXÄMPLE.org").addr_spec == "ada@xn--exmple-cua.org"
    assert mail_address("ada@exa\u0308mple.org").addr_spec == "ada@xn--exmple-cua.org"
    assert mail_address("ada@xn--exmple-cua.org").addr_spec == "ada@xn--exmple-cua.org"
    assert mail_address("ädä@example.org").addr_spec == "ädä@example.org"
    assert mail_address("o'neil+x@example.org").addr_spec == "o'neil+x@example.org"


@pytest.mark.parametrize(
    ("domain", "in_dns"),
    [  # the four characters that IDNA 2003 took for others, or for nothing
        ("faß.de", "xn--fa-hia.de"),
        ("FAẞ.de", "xn--fa-hia.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("ශ්‍රී.com", "xn--10cl1a0b660p.com"),
        ("نامه‌ای.com", "xn--mgba3gch31f060k.com"),
    ],
)
def test_domains_are_those_of_idna_2008(domain: str, in_dns: str) -> None:
    """The names are those of Unicode's UTS #46, section 7, table 1."""
    to = mail_address(f"victim@{domain}")
    assert (to.domain, to.addr_spec) == (in_dns, f"victim@{in_dns}")
    assert sender_address(f"Films <films@{domain}>", "").domain == in_dns


@pytest.mark.parametrize(
    "domain",
    [
        "\ufb01rma.de",  # a ligature, which IDNA 2003 took for two letters
        "\uff45\uff58ample.de",  # full-width letters
        "☃.example",
        "x\u200dy.de",  # a joiner where none can be
        "a\u00adä.de",
        "ä_.de",
        "ä..de",
        "-ä.de",
        "\u0660a.de",
        "ä.xn--a",
        f"{'ä' * 60}.de",
        ".".join(["ä" * 45] * 5),
    ],
)
def test_domains_that_cannot_be_are_refused_for_good(domain: str) -> None:
    with pytest.raises(NotSent) as refused:
        recipient_of(Mail(to=f"victim@{domain}", subject="", text="", html="", message_id=""))
    assert not refused.value.retryable


def test_a_foreign_local_part_makes_no_domain_good() -> None:
    for wrong in ("ada@[x", "ädä@example,org", "ädä@[x", "ädä@a(b).org"):
        with pytest.raises(ValueError, match="is not an e-mail address"):
            mail_address(wrong)


def test_senders_may_have_a_name() -> None:
    assert str(sender_address("a@b.example", "Reelgate")) == "Reelgate <a@b.example>"
    assert str(sender_address('"My Films" <a@b.example>', "Reelgate")) == "My Films <a@b.example>"
    assert str(sender_address("<a@b.example>", "Reelgate")) == "Reelgate <a@b.example>"
    for wrong in ("My Films <a@b.example", "a@b.example>", "My <a@b.example> x", "x\n<a@b.example>"):
        with pytest.raises(ValueError, match="is not"):
            sender_address(wrong, "Reelgate")


async def mailed(services: MemoryServices, event: Event) -> list[str]:
    await notify(services, event)
    assert services.mailer is not None
    return [mail.to for mail in services.mailer.sent]


async def test_the_books_know_the_newest_address() -> None:
    services = MemoryServices()
    await services.add_video()
    assert await mailed(services, an_alert(email="old@example.org")) == ["ada@example.org"]


async def test_who_has_no_address_gets_no_mail() -> None:
    services = MemoryServices()
    assert await notify(services, an_alert(uid="nobody", email=None)) == "mail skipped, ops delivered"
    assert services.mailer is not None
    assert services.mailer.sent == []


async def test_an_alert_that_a_reset_has_re_armed_is_not_mailed_again() -> None:
    services = MemoryServices()
    assert len(await mailed(services, an_alert("bandwidth"))) == 1
    again = an_alert("bandwidth", count=2)
    assert await notify(services, again) == "mail skipped, ops delivered"
    delivery = await services.deliveries.get(f"{again.message_id}-mail")
    assert delivery is not None
    assert delivery.error == "this alert was raised before on the same day"
    assert len(services.webhooks.to("ops")) == 2


async def test_muted_mails_are_skipped_and_others_are_not() -> None:
    services = MemoryServices()
    await services.preferences.change("ada", lambda standing: replace(standing, alerts=False))
    assert await mailed(services, an_alert()) == []
    assert await mailed(services, an_alert("bandwidth")) == []
    assert await mailed(services, an_audio_event()) == ["ada@example.org"]
    await services.preferences.change("ada", lambda standing: replace(standing, audio=False))
    assert len(await mailed(services, replace(an_audio_event(), event_id="another"))) == 1
    assert len(await mailed(services, a_welcome())) == 2
    assert services.webhooks.to("ops") != []


@pytest.mark.parametrize("name", ["Reelgate", 'Ada "the" \\ Countess, Ltd.', "Grüße aus Köln", "=?utf-8?q?not_encoded?=", ""])
def test_a_sender_is_shown_by_the_name_it_has(name: str) -> None:
    message = read(
        Mail(to=TO, subject="s", text="t", html="h", message_id="m"), MailHeaders(sender=mail_address("a@b.example", name))
    )
    [sender] = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "a@b.example")


@pytest.mark.parametrize("subject", ["Grüße " * 20, "=?utf-8?q?not_encoded?= ", "a  b", "word " * 24, "x" * 120, "word " * 300])
def test_a_subject_is_shown_as_it_is(subject: str) -> None:
    subject = subject.strip()
    assert read(Mail(to=TO, subject=subject, text="t", html="h", message_id="m"))["Subject"] == subject


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("field", ["subject", "message_id"])
def test_a_line_break_in_a_header_is_refused(field: str, line_end: str) -> None:
    mail = replace(Mail(to=TO, subject="s", text="t", html="h", message_id="m"), **{field: f"a{line_end}Bcc: b@c.example"})
    with pytest.raises(ValueError, match="line break"):
        read(mail)


@pytest.mark.parametrize("text", ["", "no end", "a\rb\nc\r\n", "--=_alternative--\n.\n", "=" * 200 + " \n\n", "ü" * 500])
def test_bodies_arrive_as_they_are(text: str) -> None:
    message = read(Mail(to=TO, subject="s", text=text, html=text, message_id="m"))
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for kind in ("plain", "html"):
        assert part(message, kind).replace("\r\n", "\n") == (lines if lines.endswith("\n") else f"{lines}\n")
