"""Users of the local cloud for benchmarks: signed up in the Auth emulator, with a tiny video each where needed."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a fresh ID token."""

    uid: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request of theirs carries."""
        return {"Authorization": f"Bearer {self.token}"}

    @classmethod
    def sign_up(cls) -> Person:
        """Make a new user (Identity Toolkit REST)."""
        base = f"http://{os.environ['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=local"
        email = f"bench-{secrets.token_hex(6)}@example.com"
        body = {"email": email, "password": secrets.token_urlsafe(16), "returnSecureToken": True}
        answer = httpx.post(base, json=body).raise_for_status().json()
        return cls(answer["localId"], answer["idToken"])

    def store_tiny_video(self) -> str:
        """Store one byte as a video. Returns its id.

        By the form upload, an older service's route: when it is answered, the video is ready.
        """
        url = f"{os.environ['REELGATE_URL']}/upload"
        files = {"file": ("tiny.mp4", b"x", "video/mp4")}
        stored = httpx.post(url, headers=self.headers, files=files, timeout=30).raise_for_status().json()
        video_id: str = stored["file_id"]
        return video_id
