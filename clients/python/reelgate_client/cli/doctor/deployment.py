"""The deployment that is looked at: requests as they are, without retries, because a failure is an answer here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from reelgate_client.aio.api import USER_AGENT
from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.cli.doctor.findings import Findings
from reelgate_client.core.answers import error_of
from reelgate_client.errors import ReelgateError

TIMEOUT = httpx.Timeout(20, connect=10)
TERRAFORM = "terraform -chdir=terraform apply"


@dataclass
class Deployment:
    """One deployment, as one user sees it.

    Attributes:
        client: with the user's credentials.
        origin: of the site whose scripts should be able to use it; None: that is not asked.
        project: the Google Cloud project, for questions to `gcloud`; None: they are not asked.
        run: an id of this run, which its requests carry.
    """

    url: str
    client: AsyncReelgate
    http: httpx.AsyncClient
    findings: Findings
    origin: str | None = None
    project: str | None = None
    run: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine: a local cloud."""
        return urlsplit(self.url).hostname in {"localhost", "127.0.0.1", "::1"}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        """Send a request to the API and return its answer, whatever it is. Raises httpx.HTTPError."""
        sent = {"User-Agent": USER_AGENT, "X-Request-Id": f"doctor-{self.run}", **(headers or {})}
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        return await self.http.request(method, urljoin(self.url + "/", path.lstrip("/")), headers=sent, json=body)

    async def bearer(self) -> str:
        """Return the user's token or key. Raises ReelgateError."""
        await self.client.api.refresh()
        return self.client.api.credentials.bearer()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> httpx.Response:
        """Send a request to the bucket, without a token, as from the origin. Raises httpx.HTTPError."""
        sent = dict(headers or {})
        if self.origin is not None:
            sent["Origin"] = self.origin
        if method in {"PUT", "POST"}:
            sent["Content-Length"] = str(len(content))
        return await self.http.request(method, url, headers=sent, content=content or None)

    def explain(self, answer: httpx.Response) -> str:
        """Return the command that says why the API refused a request."""
        request_id = answer.headers.get("x-request-id", f"doctor-{self.run}")
        if not re.fullmatch(r"[\w.:-]{1,128}", request_id):  # it goes into a command
            request_id = f"doctor-{self.run}"
        return f"python -m ops explain {request_id}" + ("" if self.is_local else f" --project {self.project or 'PROJECT'}")


def refusal(answer: httpx.Response) -> ReelgateError:
    """Return what an answer of the API with a status of 400 and above says."""
    return error_of(answer.status_code, answer.headers, answer.content)


def shown(answer: httpx.Response) -> str:
    """Return an answer of the bucket in few words: its status, and the code of its error."""
    found = re.search(rb"<Code>(\w{1,60})</Code>", answer.content)
    return f"{answer.status_code} {found[1].decode()}" if found else str(answer.status_code)
