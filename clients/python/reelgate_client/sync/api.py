# Made from aio/api.py by make_sync.py. Change that file, and run it again.
"""Requests to the API: signed, refreshed, repeated where that is safe, and decoded."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar
from urllib.parse import urljoin

import httpx

from reelgate_client.core.answers import error_of
from reelgate_client.core.calls import Call
from reelgate_client.core.credentials import Credentials, Session
from reelgate_client.core.retries import RetryPolicy, is_retryable
from reelgate_client.errors import NotReachable, NotSignedIn, ReelgateError, UnexpectedAnswer
from reelgate_client.models import Tokens
from reelgate_client.models.decode import decode
from reelgate_client.runtime import threads as runtime

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

USER_AGENT = f"reelgate-client/0.2.0 Python/{platform.python_version()}"


class Page(Protocol[T_co]):
    """What all lists have."""

    @property
    def items(self) -> tuple[T_co, ...]:
        """The things on this page."""

    @property
    def next_cursor(self) -> str | None:
        """What to ask the next page with; None on the last one."""


class Api:
    """Sends calls to one deployment as one user."""

    def __init__(
        self,
        url: str,
        http: httpx.Client,
        credentials: Credentials,
        policy: RetryPolicy,
        *,
        sleep: runtime.Sleep = runtime.sleep,
    ) -> None:
        self.url = url.rstrip("/") + "/"
        self.http = http
        self.credentials = credentials
        self.policy = policy
        self.sleep = sleep
        self._refreshing = runtime.Lock()

    def fetch(self, kind: type[T], call: Call) -> T:
        """Send a call and return its answer.

        Raises:
            ReelgateError: one of its kinds.
        """
        response = self.send(call)
        try:
            content = response.json()
        except ValueError:
            raise UnexpectedAnswer(
                "unexpected_answer",
                "The server's answer is not one of Reelgate's. Is this the URL of a Reelgate deployment?",
                status=response.status_code,
            ) from None
        return decode(kind, content)

    def send(self, call: Call) -> httpx.Response:
        """Send a call, again where that may help, and return the answer, whose status is below 400.

        Raises:
            ReelgateError: one of its kinds.
        """
        failures, refreshed = 0, False
        while True:
            if not call.public:
                self.refresh()
            bearer = None if call.public else self.credentials.bearer()
            try:
                return self._send_once(call, bearer)
            except NotSignedIn as error:
                if bearer is None or refreshed or self.credentials.is_fixed or error.code != "unauthorized":
                    raise
                refreshed = True
                self.refresh(refused=bearer)
            except ReelgateError as error:
                failures += 1
                wait = self.policy.wait(failures, error.retry_after)
                if wait is None or not is_retryable(error, may_repeat=call.may_repeat):
                    raise
                self.sleep(wait)

    def refresh(self, *, refused: str | None = None) -> None:
        """Get a new token if the present one ends soon, or is the one that was refused. Of several callers one does it.

        Raises:
            NotSignedIn: the session is over.
        """
        if not self.credentials.needs_refresh(refused):
            return
        with self._refreshing:
            if self.credentials.needs_refresh(refused):
                self._refresh()

    def _refresh(self) -> None:
        session = self.credentials.require_session()
        body = {"refresh_token": session.refresh_token}
        call = Call(method="POST", path="/v1/auth/refresh", body=body, public=True, repeatable=True)
        try:
            self.credentials.begin(Session.of(self.fetch(Tokens, call)))
        except NotSignedIn:
            stored = self.credentials.store.load()
            if stored is not None and stored.refresh_token != session.refresh_token:  # another process has signed in
                self.credentials.session = stored
                return
            self.credentials.end()
            raise NotSignedIn("signed_out", "Your sign-in has ended. Sign in again.") from None

    def _send_once(self, call: Call, bearer: str | None) -> httpx.Response:
        headers = call.headers() | {"User-Agent": USER_AGENT}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        url = urljoin(self.url, call.target().lstrip("/"))
        try:
            response = self.http.request(
                call.method, url, params=call.parameters() or None, content=call.payload(), headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _unreachable(self.url, error, sent=False) from error
        except httpx.HTTPError as error:
            raise _unreachable(self.url, error, sent=True) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise UnexpectedAnswer("invalid_url", f"{self.url} is not the URL of a deployment.", hint=str(error)) from error
        if response.status_code >= 400:
            raise error_of(response.status_code, response.headers, response.content)
        return response


def pages(first: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Yield the items of all pages of a list: `pages(lambda cursor: client.videos.list(cursor=cursor))`."""
    cursor: str | None = None
    while True:
        page = first(cursor)
        for item in page.items:
            yield item
        cursor = page.next_cursor
        if cursor is None:
            return


def _unreachable(url: str, error: Exception, *, sent: bool) -> NotReachable:
    what = "did not answer" if sent else "cannot be reached"
    return NotReachable("network", f"{url.rstrip('/')} {what}. Is the network there?", hint=str(error), sent=sent)
