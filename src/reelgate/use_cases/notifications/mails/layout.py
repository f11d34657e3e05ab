"""The layout of all mails: a title, paragraphs, a table of facts, and how to mute them.

Every text from a user or a message passes through `plain` before it enters a mail, and through `html.escape` before it enters
HTML: here, and nowhere else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from reelgate.domain.value_types import value_type
from reelgate.ports.notifications import Mail

MAX_SUBJECT = 120
MAX_FACT = 300

_PAGE = """<!doctype html>
<html lang="en">
<body style="margin:0;padding:24px;background:#f3f4f6;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;color:#1f2937">
<div style="max-width:560px;margin:0 auto;padding:28px 32px;background:#ffffff;border-radius:8px">
<p style="margin:0 0 4px;font-size:13px;color:#6b7280">{product}</p>
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">{title}</h1>
{paragraphs}
<table style="width:100%;margin:16px 0;border-collapse:collapse;font-size:14px">
{facts}
</table>
{footer}
</div>
</body>
</html>
"""
_PARAGRAPH = '<p style="margin:0 0 12px;line-height:1.5">{}</p>'
_FACT = (
    '<tr><td style="padding:6px 12px 6px 0;color:#6b7280;white-space:nowrap;vertical-align:top">{}</td>'
    '<td style="padding:6px 0;word-break:break-word"><bdi>{}</bdi></td></tr>'
)
_FOOTER = '<p style="margin:20px 0 0;font-size:12px;line-height:1.5;color:#6b7280">{}</p>'


@value_type
class Sender:
    """Who the mails are from: the product's name, its API's URL, and the page for MP3s (both may be empty)."""

    product: str
    api_url: str = ""
    audio_page: str = ""


def lay_out(
    sender: Sender,
    *,
    to: str,
    message_id: str,
    title: str,
    paragraphs: Sequence[str],
    facts: Sequence[tuple[str, str]],
    footer: str = "",
) -> Mail:
    """Return a mail. Subject and title are one line; facts are pairs of a name and a value.

    Only facts may hold a user's text (a file name, a user name). Subject, title and paragraphs may not, because mail programs
    show them in their lists: anyone could send strangers their own message through this service.
    """
    title, footer, product = plain(title), plain(footer), plain(sender.product)
    shown = [(name, plain(value)[:MAX_FACT]) for name, value in facts]
    texts = [plain(paragraph) for paragraph in paragraphs]
    lines = [title, "", *(line for paragraph in texts for line in (paragraph, "")), *(f"{n}: {v}" for n, v in shown)]
    html = _PAGE.format(
        product=escape(product),
        title=escape(title),
        paragraphs="\n".join(_PARAGRAPH.format(escape(paragraph)) for paragraph in texts),
        facts="\n".join(_FACT.format(escape(name), escape(value)) for name, value in shown),
        footer=_FOOTER.format(escape(footer)) if footer else "",
    )
    text = "\n".join([*lines, "", "-- ", *([footer] if footer else []), product, ""])
    subject = title if len(title) <= MAX_SUBJECT else f"{title[: MAX_SUBJECT - 1]}…"
    return Mail(to=to, subject=f"{subject} - {product}", text=text, html=html, message_id=message_id)


def plain(text: str) -> str:
    """Return a text as one line that cannot inject a header: line breaks and other control characters become spaces."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text).strip()
