"""The sign-ins of this machine: `session.json`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from reelgate_client.cli.state.folder import StateFile
from reelgate_client.core.credentials import Session


class SignIns:
    """For each deployment an API key or a session, and which deployment was signed in to last."""

    def __init__(self, folder: Path) -> None:
        self._file = StateFile(folder / "session.json")

    @property
    def path(self) -> Path:
        """Where they are."""
        return self._file.path

    def url(self) -> str | None:
        """Return the deployment that was signed in to last."""
        url = self._file.read().get("url")
        return url if isinstance(url, str) else None

    def api_key(self, url: str) -> str | None:
        """Return the API key that is kept for a deployment."""
        key = self._deployment(url).get("api_key")
        return key if isinstance(key, str) else None

    def keep_api_key(self, url: str, key: str) -> None:
        """Keep an API key. Raises OSError."""
        self._keep(url, {"api_key": key})

    def keep_session(self, url: str, session: Session) -> None:
        """Keep a session. Raises OSError."""
        self._keep(
            url,
            {
                "token": session.token,
                "refresh_token": session.refresh_token,
                "expires_at": session.expires_at.isoformat(),
                "user_id": session.user_id,
                "email": session.email,
            },
        )

    def session(self, url: str) -> Session | None:
        """Return the session that is kept for a deployment."""
        kept = self._deployment(url)
        try:
            return Session(
                token=str(kept["token"]),
                refresh_token=str(kept["refresh_token"]),
                expires_at=datetime.fromisoformat(kept["expires_at"]),
                user_id=str(kept["user_id"]),
                email=kept.get("email"),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def prefer(self, url: str) -> None:
        """Have a deployment be the one that commands go to. Raises OSError."""
        self._write(lambda content: content | {"url": url})

    def forget(self, url: str) -> bool:
        """Forget what is kept for a deployment; returns whether there was something."""
        with self._file.locked():
            content = self._file.read()
            deployments = _deployments(content)
            if url not in deployments:
                return False
            del deployments[url]
            self._file.write({"url": content.get("url"), "deployments": deployments})
        return True

    def _keep(self, url: str, kept: dict[str, Any]) -> None:
        """Keep something for a deployment. Not only signing in does: a token that is refreshed changes no default."""
        self._write(lambda content: content | {"deployments": {**_deployments(content), url: kept}})

    def _write(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        with self._file.locked():
            content = self._file.read()
            self._file.write(change({"url": content.get("url"), "deployments": _deployments(content)}))

    def _deployment(self, url: str) -> dict[str, Any]:
        found = _deployments(self._file.read()).get(url)
        return found if isinstance(found, dict) else {}


class SessionOnDisk:
    """The session of one deployment, as a client keeps it."""

    def __init__(self, sign_ins: SignIns, url: str) -> None:
        self._sign_ins = sign_ins
        self._url = url

    def load(self) -> Session | None:
        """Return the session."""
        return self._sign_ins.session(self._url)

    def save(self, session: Session) -> None:
        """Keep the session. On a full disk it is kept in memory alone: the refresh token of before stays valid."""
        with suppress(OSError):
            self._sign_ins.keep_session(self._url, session)

    def clear(self) -> None:
        """Forget the session."""
        with suppress(OSError):
            self._sign_ins.forget(self._url)


def _deployments(content: dict[str, Any]) -> dict[str, Any]:
    found = content.get("deployments")
    return found if isinstance(found, dict) else {}
