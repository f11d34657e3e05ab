"""Captions of a video are put, replaced or removed. Their bytes count as stored, together with those of their video."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.captions import Captions, CaptionsKey, CaptionsText
from reelgate.domain.books.entries import Delta, Entry, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_storage
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type

MAX_BYTES = 1024 * 1024
"""How large a text may be when it is sent."""
MAX_LANGUAGES = 32
"""How many languages a video may have captions in: all of them are part of its record, which lists read."""


@value_type
class NewCaptions:
    """Captions to put: the language and the label, whether players show them unasked, and the text, which is valid WebVTT."""

    language: str
    label: str
    default: bool
    text: str
    deflated: bytes

    @classmethod
    def of(cls, language: str, text: str, *, label: str, default: bool) -> NewCaptions:
        """Return captions with their text deflated: once, because a decision may run several times."""
        deflated = CaptionsText.of(CaptionsKey("", language), text).deflated
        return cls(language=language, label=label, default=default, text=text, deflated=deflated)


def put_captions(ledger: Ledger, account: Account, video: Video, new: NewCaptions) -> Change | None:
    """Put captions in the place of those in their language, if there are any. Returns None if they are the same already.

    If they are the default, no other language is any more.

    Raises:
        AccountDisabled.
        LabelTaken: another language of the video has the label.
        TooManyCaptions: there are captions in as many languages as there may be.
        StorageLimitExceeded.
    """
    account.require_enabled()
    there = find_captions(video, new.language)
    others = [one for one in video.captions if one.language != new.language]
    if any(one.label == new.label for one in others):
        raise errors.LabelTaken(f"Captions in another language are called '{new.label}' already. Choose another name.")
    if there is None and len(others) >= MAX_LANGUAGES:
        raise errors.TooManyCaptions(
            f"A video can have captions in {MAX_LANGUAGES} languages. Remove those in one of them first.", limit=MAX_LANGUAGES
        )
    content = new.text.encode()
    captions = Captions(
        language=new.language,
        label=new.label,
        size=len(content),
        digest=sha256(content).hexdigest(),
        updated_at=ledger.now,
        default=new.default,
    )
    if there is not None and replace(there, updated_at=ledger.now) == captions:
        return None
    if new.default:
        others = [replace(one, default=False) for one in others]
    changed = _with(video, (*others, captions))
    if there is not None and there.digest == captions.digest:
        return replace(ledger.change(account), replace_video=changed)
    more = captions.size - (there.size if there else 0)
    if more > 0:
        check_storage(account, more, ledger.policy, what="captions")
    text = CaptionsText(CaptionsKey(video.file_id, new.language), new.deflated)
    change = ledger.change(replace(account, stored=account.stored + more), _entry(ledger, account, video, captions, more))
    return replace(change, replace_video=changed, put_captions=text)


def remove_captions(ledger: Ledger, account: Account, video: Video, language: str) -> Change | None:
    """Remove the captions in a language. Returns None if there are none."""
    there = find_captions(video, language)
    if there is None:
        return None
    changed = _with(video, (one for one in video.captions if one is not there))
    account_after = replace(account, stored=account.stored - there.size)
    change = ledger.change(account_after, _entry(ledger, account, video, there, -there.size))
    return replace(change, replace_video=changed, remove_captions=(CaptionsKey(video.file_id, language),))


def find_captions(video: Video, language: str) -> Captions | None:
    """Return what a video's record says of its captions in a language, or None."""
    return next((one for one in video.captions if one.language == language), None)


def _with(video: Video, captions: Iterable[Captions]) -> Video:
    return replace(video, captions=tuple(sorted(captions, key=lambda one: one.language)))


def _entry(ledger: Ledger, account: Account, video: Video, captions: Captions, more: int) -> Entry:
    entry_id = EntryId.captions(video.file_id, captions.language, account.sequence + 1)
    return ledger.entry(entry_id, video, Delta(stored=more), size=captions.size)
