"""Requests to Cloud Storage itself: signed ones, and those of the JSON API, with the operator's credentials."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import httpx

from ops.live_check.target import Target
from reelgate.adapters.signing import v4
from reelgate.ports.storage import UrlToSign

_NEEDED = "grant yourself roles/storage.objectUser on the bucket"
NONE: Mapping[str, str] = MappingProxyType({})


class CannotAsk(Exception):
    """The operator's credentials do not suffice; the text says for what."""


@dataclass
class Storage:
    """The media bucket. Objects made here have names of four parts, which this store never gives: functions let them be."""

    target: Target

    def name(self, what: str) -> str:
        """Return the name of an object of this run, which is removed at the end."""
        name = f"live-check/runs/{self.target.run}/{what}"
        if self.target.credentials is not None:  # without any, nothing can be made, and nothing removed
            self.target.later(f"object {name}", lambda: self.remove(name))
        return name

    def signed_url(
        self,
        method: str,
        name: str,
        *,
        role: str,
        seconds: int = 600,
        headers: Mapping[str, str] = NONE,
        query: Mapping[str, str] = NONE,
        bucket: str = "",
        signed_at: datetime | None = None,
    ) -> str:
        """Return a V4-signed URL that Google signs (IAM signBlob), whether or not it is one that may be signed.

        Args:
            bucket: another one than that of the videos.
            signed_at: when it says that it was signed, if not now.

        Raises:
            CannotAsk: signBlob refuses.
        """
        account = self.target.signers[role]
        to_sign = UrlToSign(
            method=method,
            bucket=bucket or self.target.bucket,
            object_name=name,
            expires_seconds=seconds,
            headers=headers,
            query=query,
        )
        draft = v4.draft(
            to_sign,
            signed_at or datetime.now(UTC),
            signer=v4.Signer(v4.RSA, account),
            server=v4.storage_server(self.target.storage_url),
            path=v4.path_of(to_sign),
        )
        answer = self.target.web.post(
            f"{self.target.iam_url}/v1/projects/-/serviceAccounts/{quote(account, safe='@')}:signBlob",
            json={"payload": base64.b64encode(draft.string_to_sign.encode()).decode()},
            headers=self.credentials(),
        )
        if answer.status_code != 200:
            raise CannotAsk(
                f"signBlob as {account}: {answer.status_code}; grant yourself roles/iam.serviceAccountTokenCreator on it"
            )
        url = draft.signed(base64.b64decode(answer.json()["signedBlob"]).hex())
        self.target.report.keep_secret(url)
        return url

    def open_signed(self, name: str, headers: Mapping[str, str] = NONE) -> httpx.Response:
        """Open a session by a signed POST. `headers` are signed and sent."""
        sent = {"content-type": "video/mp4", "x-goog-resumable": "start", **headers}
        answer = self.target.web.post(self.signed_url("POST", name, role="upload", headers=sent), headers=sent)
        self._keep(answer)
        return answer

    def open_json(self, name: str, *, query: Mapping[str, str] = NONE, headers: Mapping[str, str] = NONE) -> httpx.Response:
        """Open a session by the JSON API, as the functions do for browsers. Raises CannotAsk."""
        answer = self.target.web.post(
            f"{self.target.storage_url}/upload/storage/v1/b/{self.target.bucket}/o",
            params={"uploadType": "resumable", "name": name, **query},
            json={},
            headers={**self.credentials(), "X-Upload-Content-Type": "video/mp4", **headers},
        )
        if answer.status_code in {401, 403}:
            raise CannotAsk(f"opening a session: {answer.status_code}; {_NEEDED}")
        self._keep(answer)
        return answer

    def write(self, name: str, data: bytes, content_type: str = "video/mp4") -> None:
        """Write an object by the JSON API. Raises CannotAsk."""
        answer = self.target.web.post(
            f"{self.target.storage_url}/upload/storage/v1/b/{self.target.bucket}/o",
            params={"uploadType": "media", "name": name},
            content=data,
            headers={**self.credentials(), "Content-Type": content_type},
        )
        if answer.status_code != 200:
            raise CannotAsk(f"writing an object: {answer.status_code}; {_NEEDED}")

    def compose(self, name: str, sources: Sequence[str], content_type: str = "video/mp4") -> httpx.Response:
        """Join objects into one. Raises CannotAsk."""
        answer = self.target.web.post(
            f"{self._at(name)}/compose",
            json={"sourceObjects": [{"name": source} for source in sources], "destination": {"contentType": content_type}},
            headers=self.credentials(),
        )
        if answer.status_code in {401, 403}:
            raise CannotAsk(f"composing: {answer.status_code}; {_NEEDED}")
        return answer

    def resource(self, name: str) -> Mapping[str, Any]:
        """Return what is known of an object, without its bytes; nothing of one that is not there. Raises CannotAsk."""
        answer = self.target.web.get(self._at(name), headers=self.credentials())
        if answer.status_code in {401, 403}:
            raise CannotAsk(f"reading an object: {answer.status_code}; {_NEEDED}")
        found: Mapping[str, Any] = answer.json() if answer.status_code == 200 else {}
        return found

    def listed(self, prefix: str = "", *, bucket: str = "", needed: str = _NEEDED) -> Iterator[Mapping[str, Any]]:
        """Yield `name` and `timeCreated` of objects in the order of their names, of any bucket. Raises CannotAsk."""
        bucket, page = bucket or self.target.bucket, dict[str, str]()
        while True:
            answer = self.target.web.get(
                f"{self.target.storage_url}/storage/v1/b/{bucket}/o",
                params={"prefix": prefix, "fields": "items(name,timeCreated),nextPageToken", **page},
                headers=self.credentials(),
            )
            if answer.status_code != 200:
                raise CannotAsk(f"listing {bucket}: {answer.status_code}; {needed}")
            found = answer.json()
            yield from found.get("items", [])
            if "nextPageToken" not in found:
                return
            page = {"pageToken": found["nextPageToken"]}

    def lines(self, name: str, *, bucket: str = "", needed: str = _NEEDED) -> Iterator[str]:
        """Yield the lines of an object, of any bucket, as they arrive. Raises CannotAsk."""
        with self.target.web.stream(
            "GET", self._at(name, bucket), params={"alt": "media"}, headers=self.credentials()
        ) as answer:
            if answer.status_code != 200:
                raise CannotAsk(f"reading {name}: {answer.status_code}; {needed}")
            yield from answer.iter_lines()

    def expire(self, name: str) -> None:
        """Leave an object to the bucket's own rule, which removes what has a custom time after eight days."""
        custom_time = datetime.now(UTC).isoformat(timespec="seconds")
        self.target.web.patch(self._at(name), json={"customTime": custom_time}, headers=self.credentials()).raise_for_status()

    def remove(self, name: str) -> None:
        """Remove an object, if it is there. Raises CannotAsk."""
        answer = self.target.web.delete(self._at(name), headers=self.credentials())
        if answer.status_code not in {204, 404}:
            raise httpx.HTTPStatusError("not removed", request=answer.request, response=answer)

    def credentials(self) -> Mapping[str, str]:
        """Return headers with the operator's credentials. Raises CannotAsk."""
        if self.target.credentials is None:
            raise CannotAsk("no credentials for Google's APIs: gcloud auth application-default login")
        return self.target.credentials()

    def _at(self, name: str, bucket: str = "") -> str:
        return f"{self.target.storage_url}/storage/v1/b/{bucket or self.target.bucket}/o/{quote(name, safe='')}"

    def _keep(self, answer: httpx.Response) -> None:
        self.target.report.keep_secret(answer.headers.get("location", ""))
