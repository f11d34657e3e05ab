"""The parts of the local cloud that the demo uses besides the API: sign-in, Pub/Sub, the scheduler and the books."""

from __future__ import annotations

import json
import os
import secrets
from datetime import date, timedelta
from typing import Any

import httpx
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import DeadlineExceeded
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore, scheduler_v1
from google.cloud.pubsub_v1 import SubscriberClient
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerRestTransport

PROJECT = os.environ["GOOGLE_CLOUD_PROJECT"]


def sign_up_and_in(email: str, password: str) -> tuple[str, str]:
    """Make a user in the Auth emulator and sign in as a browser would (Identity Toolkit REST). Returns uid and ID token."""
    base = f"http://{os.environ['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1/accounts"
    body = {"email": email, "password": password, "returnSecureToken": True}
    httpx.post(f"{base}:signUp?key=local", json=body).raise_for_status()
    answer = httpx.post(f"{base}:signInWithPassword?key=local", json=body).raise_for_status().json()
    return answer["localId"], answer["idToken"]


class Alerts:
    """A pull subscription to the alerts of one user."""

    def __init__(self, uid: str) -> None:
        self._uid = uid
        self._client = SubscriberClient()
        self._path = self._client.subscription_path(PROJECT, f"demo-{secrets.token_hex(4)}")
        self._client.create_subscription(name=self._path, topic=f"projects/{PROJECT}/topics/alerts")

    def next(self, seconds: float = 15) -> dict[str, Any] | None:
        """Return the user's next alert, or None when none comes in time."""
        for _ in range(int(seconds)):
            try:
                pulled = self._client.pull(subscription=self._path, max_messages=1, timeout=1)
            except DeadlineExceeded:
                continue
            for message in pulled.received_messages:
                self._client.acknowledge(subscription=self._path, ack_ids=[message.ack_id])
                if message.message.attributes["uid"] == self._uid:
                    body: dict[str, Any] = json.loads(message.message.data)
                    return body
        return None

    def close(self) -> None:
        """Remove the subscription."""
        self._client.delete_subscription(subscription=self._path)
        self._client.close()


class Books:
    """The user's documents in Firestore."""

    def __init__(self, uid: str) -> None:
        self._user = firestore.Client(project=PROJECT).document("users", uid)

    def make_it_yesterday(self) -> date:
        """Move the account's day and its entries back by one day, to yesterday. Returns that day."""
        today = date.fromisoformat(self._user.get().get("today.date"))
        yesterday = today - timedelta(days=1)
        for entry in self._user.collection("entries").stream():
            entry.reference.update({"date": yesterday.isoformat()})
        self._user.update({"today.date": yesterday.isoformat()})
        return yesterday

    def closed_day(self, day: date) -> dict[str, Any] | None:
        """Return a closed day as it is stored."""
        closed: dict[str, Any] | None = self._user.collection("days").document(day.isoformat()).get().to_dict()
        return closed


def run_job(name: str) -> None:
    """Run a job of the scheduler now, through Google's client."""
    host = os.environ["REELGATE_SCHEDULER_URL"].removeprefix("http://")
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
    transport = CloudSchedulerRestTransport(host=host, url_scheme="http", credentials=anonymous)
    client = scheduler_v1.CloudSchedulerClient(transport=transport, client_options=ClientOptions())
    client.run_job(name=f"projects/{PROJECT}/locations/us-central1/jobs/{name}")
