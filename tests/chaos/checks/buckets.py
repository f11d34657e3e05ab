"""Both buckets against the books: every video has its object, every object a right to exist."""

from __future__ import annotations

from collections import Counter

from tests.chaos.checks.evidence import Document, Evidence, StoredObject
from tests.chaos.checks.findings import Findings
from tests.chaos.journal import Journal

PARTS = "__parts__/"


def check_buckets(evidence: Evidence, journal: Journal, findings: Findings, *, uploads_are_over: bool) -> None:
    """Check all objects.

    Args:
        uploads_are_over: whether all uploads have ended long ago: nothing of them may be left.
    """
    kept = {one.id: one for one in (*evidence.documents["videos"], *evidence.documents["trash"])}
    uploads = {one.id: one for one in evidence.documents["uploads"]}
    if uploads_are_over:
        findings.same("open uploads", sorted(uploads), [])
    expected = set()
    for one in kept.values():
        findings.count_checked("videos with their objects")
        name = f"{one.uid}/{one.id}/{one.fields['filename']}"
        expected.add(name)
        _check_object(one, evidence.media.get(name), findings)
    for name, found in evidence.media.items():
        if name in expected:
            continue
        owner = name.removeprefix(PARTS).split("/")
        if _may_be_there(name, owner, found, uploads, uploads_are_over=uploads_are_over):
            continue
        findings.problem(f"{name} with {found.size} bytes is in the bucket, and in no books")
    _check_derived(evidence, kept, journal, findings)


def check_arrivals(evidence: Evidence, journal: Journal, findings: Findings) -> None:
    """Every byte that arrived was charged once: as uploaded if it has become a video, as rejected if not.

    Bytes of open uploads are not charged yet, and what the bucket has joined itself did not arrive.
    """
    arrived, charged = Counter[str](), Counter[str]()
    uploads = {one.id for one in evidence.documents["uploads"]}
    for one in evidence.arrivals:
        uid, upload_id, *_ = one.name.removeprefix(PARTS).split("/")
        if not one.composed and upload_id not in uploads:
            arrived[uid] += one.size
    for entry in evidence.documents["entries"]:
        movement = entry.fields["movement"]
        if entry.fields["kind"] not in {"report-upload", "reset-day"}:
            charged[entry.uid] += movement["uploaded"] + movement["rejected"]
    for account in evidence.documents["users"]:
        if account.uid not in journal.deleted:
            findings.count_checked("bytes that arrived", arrived[account.uid])
            findings.same(f"{account.uid}: bytes charged, by what arrived", charged[account.uid], arrived[account.uid])


def _check_object(video: Document, found: StoredObject | None, findings: Findings) -> None:
    if found is None:
        findings.problem(f"{video.uid}: the object of {video.id} is missing")
        return
    about = (found.generation, found.size, found.crc32c)
    fields = video.fields
    findings.same(f"{video.uid}: the object of {video.id}", about, (fields["generation"], fields["size"], fields["crc32c"]))


def _may_be_there(
    name: str, owner: list[str], found: StoredObject, uploads: dict[str, Document], *, uploads_are_over: bool
) -> bool:
    """Return whether an object without a video is all right: of an open upload, or the placeholder of one that is over.

    Parts of an upload that is over are charged, and are swept after an hour if they could not be removed at once. The bucket's
    lifecycle removes placeholders; the local Cloud Storage has none.
    """
    if uploads_are_over:
        return found.is_placeholder
    return found.is_placeholder or name.startswith(PARTS) or owner[1] in uploads


def _check_derived(evidence: Evidence, kept: dict[str, Document], journal: Journal, findings: Findings) -> None:
    records = {one.id: one for one in evidence.media_records}
    for name, found in evidence.derived.items():
        if name.startswith("exports/"):
            continue
        findings.count_checked("derived objects")
        uid, file_id, generation, kind = name.split("/", 3)
        video, record = kept.get(file_id), records.get(file_id)
        if video is None or record is None or uid != video.uid or int(generation) != video.fields["generation"]:
            findings.problem(f"{name} with {found.size} bytes is derived from nothing")
        elif kind == "audio.mp3" and record.fields["audio"].get("state") == "ready":
            findings.same(f"{name}: its size", found.size, record.fields["audio"]["size"])
    _check_packaged(evidence, records, kept, findings)
    for one in records.values():
        if one.id not in kept and one.uid not in journal.deleted:
            findings.problem(f"{one.uid}: a record of media derived from {one.id}, which is gone")
        elif one.fields["audio"].get("state") == "ready":
            name = f"{one.uid}/{one.id}/{one.fields['generation']}/audio.mp3"
            findings.same(f"{name} is there", name in evidence.derived, True)


def _check_packaged(evidence: Evidence, records: dict[str, Document], kept: dict[str, Document], findings: Findings) -> None:
    """What a player needs is there where the record says so, and has the bytes that are counted for it."""
    for one in records.values():
        hls = one.fields.get("hls") or {}
        if one.id not in kept or hls.get("state") != "ready":
            continue
        folder = f"{one.uid}/{one.id}/{one.fields['generation']}/hls/"
        sizes = {name: found.size for name, found in evidence.derived.items() if name.startswith(folder)}
        findings.same(f"{folder}index.json is there", f"{folder}index.json" in sizes, True)
        findings.same(f"{folder}: its bytes", sum(sizes.values()), hls["bytes"])
