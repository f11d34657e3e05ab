"""What a command works with: the deployment, who is signed in, where to print."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.cli.output import Output
from reelgate_client.cli.state.folder import state_folder
from reelgate_client.cli.state.journal import Journal
from reelgate_client.cli.state.sign_in import SessionOnDisk, SignIns
from reelgate_client.core.retries import RetryPolicy
from reelgate_client.errors import NotSignedIn

RETRIES = RetryPolicy(retries=4, first_wait=0.25)


@dataclass
class Cli:
    """One run of a command.

    Attributes:
        url: of the deployment that was asked for, None if none was.
    """

    output: Output
    url: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    transport: httpx.AsyncBaseTransport | None = None

    @property
    def folder(self) -> Path:
        """Where state is kept."""
        return state_folder(self.environment)

    @property
    def sign_ins(self) -> SignIns:
        """The sign-ins of this machine."""
        return SignIns(self.folder)

    @property
    def journal(self) -> Journal:
        """The uploads that this machine has begun. One for each run: it holds locks."""
        if self._journal is None:
            self._journal = Journal(self.folder)
        return self._journal

    _journal: Journal | None = field(default=None, init=False)

    def deployment(self) -> str:
        """Return the URL of the deployment: the option, REELGATE_URL, or the one that was signed in to last.

        Raises:
            NotSignedIn: there is none.
        """
        url = self.url or self.environment.get("REELGATE_URL") or self.sign_ins.url()
        if not url:
            raise NotSignedIn(
                "signed_out", "Which deployment? Sign in with 'reelgate login --url https://...', or set REELGATE_URL."
            )
        return plain_url(url)

    def client(self) -> AsyncReelgate:
        """Return a client: with REELGATE_API_KEY, REELGATE_TOKEN, or what `reelgate login` has kept.

        Raises:
            NotSignedIn: there is no deployment.
        """
        url = self.deployment()
        in_environment = self.environment.get("REELGATE_API_KEY") or self.environment.get("REELGATE_TOKEN")
        if key := in_environment or self.sign_ins.api_key(url):
            return AsyncReelgate(url, token=key, retries=RETRIES, transport=self.transport)
        return self.signing_in(url)

    def signing_in(self, url: str) -> AsyncReelgate:
        """Return a client that keeps its session on this machine."""
        store = SessionOnDisk(self.sign_ins, url)
        return AsyncReelgate(url, session_store=store, retries=RETRIES, transport=self.transport)


def plain_url(url: str) -> str:
    """Return a URL as people mean it: with https, without a slash at its end."""
    url = url.strip().rstrip("/")
    return url if "://" in url else f"https://{url}"


def is_open_to_listeners(url: str) -> bool:
    """Return whether passwords would cross a network unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}
