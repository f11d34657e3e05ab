"""Requests to Cloud Storage itself: signed ones, and JSON sessions, with the operator's credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import quote

import httpx

from ops.live_check.target import Target
from reelgate.adapters.signing import v4
from reelgate.ports.signing import UrlToSign

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
    ) -> str:
        """Return a V4-signed URL that Google signs (IAM signBlob), whether or not it is one that may be signed.

        Raises:
            CannotAsk: signBlob refuses.
        """
        account = self.target.signers[role]
        to_sign = UrlToSign(
            method=method, bucket=self.target.bucket, object_name=name, expires_seconds=seconds, headers=headers, query=query
        )
        draft = v4.draft(
            to_sign,
            datetime.now(UTC),
            signer=v4.Signer(v4.RSA, account),
            server=v4.storage_server(self.target.storage_url),
            path=v4.path_of(to_sign),
        )
        answer = self.target.web.post(
            f"{self.target.iam_url}/v1/projects/-/serviceAccounts/{quote(account, safe='@')}:signBlob",
            json={"payload": base64.b64encode(draft.string_to_sign.encode()).decode()},
            headers=self._credentials(),
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
            headers={**self._credentials(), "X-Upload-Content-Type": "video/mp4", **headers},
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
            headers={**self._credentials(), "Content-Type": content_type},
        )
        if answer.status_code != 200:
            raise CannotAsk(f"writing an object: {answer.status_code}; {_NEEDED}")

    def remove(self, name: str) -> None:
        """Remove an object, if it is there. Raises CannotAsk."""
        at = f"{self.target.storage_url}/storage/v1/b/{self.target.bucket}/o/{quote(name, safe='')}"
        answer = self.target.web.delete(at, headers=self._credentials())
        if answer.status_code not in {204, 404}:
            raise httpx.HTTPStatusError("not removed", request=answer.request, response=answer)

    def _credentials(self) -> Mapping[str, str]:
        if self.target.credentials is None:
            raise CannotAsk("no credentials for Google's APIs: gcloud auth application-default login")
        return self.target.credentials()

    def _keep(self, answer: httpx.Response) -> None:
        self.target.report.keep_secret(answer.headers.get("location", ""))
