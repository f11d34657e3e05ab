"""The catcher's memory: what a mail looks like in JSON, and faults that are injected as often as asked."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from localcloud.mail.mailbox import MAX_ITEMS, Fault, InvalidFault, Mailbox, mail_json


def test_a_mail_with_two_parts_is_shown_with_both() -> None:
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message.set_content("plain\n")
    message.add_alternative("<p>html</p>\n", subtype="html")
    shown = mail_json(message.as_bytes(), sender="a@example.org", recipients=["b@example.org"])
    assert (shown["from"], shown["to"], shown["subject"]) == ("a@example.org", ["b@example.org"], "Grüße")
    assert (shown["text"], shown["html"]) == ("plain\n", "<p>html</p>\n")
    assert shown["headers"]["Subject"] == "Grüße"


def test_what_is_hardly_a_mail_is_shown_all_the_same() -> None:
    shown = mail_json(b"\r\nno headers at all", sender="", recipients=[])
    assert (shown["subject"], shown["text"].strip()) == ("", "no headers at all")


def test_a_fault_is_injected_where_and_as_often_as_asked() -> None:
    mailbox = Mailbox(fault=Fault(status=451, times=2, stage="text"))
    assert mailbox.inject(stage="rcpt") is None
    assert [mailbox.inject(stage="text") is not None for _ in range(3)] == [True, True, False]
    mailbox.fault = Fault(status=500, name="main")
    assert mailbox.inject(name="other") is None
    assert mailbox.inject(name="main") is not None


def test_memory_is_bounded() -> None:
    mailbox = Mailbox()
    for number in range(MAX_ITEMS + 5):
        mailbox.add({"number": number})
    assert (len(mailbox.items), mailbox.items[0]["number"]) == (MAX_ITEMS, 5)


@pytest.mark.parametrize(
    "document",
    [[], {"unknown": 1}, {"status": "451"}, {"status": True}, {"status": 99}, {"times": -1}, {"stage": "x"}, {"keep": 1}],
)
def test_faults_that_make_no_sense_are_refused(document: object) -> None:
    with pytest.raises(InvalidFault):
        Fault.from_json(document)


def test_a_fault_comes_back_as_it_was_set() -> None:
    fault = Fault(status=451, times=2, stage="text", keep=True)
    assert Fault.from_json(fault.to_json()) == fault
