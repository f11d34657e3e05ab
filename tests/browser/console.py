"""The web console in a browser, as its users see it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.browser.chromium import Page
from tests.browser.support.axe import violations
from tests.e2e.people import Person

SHOWN = "document.body.innerText"


class Console:
    """A page with the console, and what people do there."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin

    def open(self, path: str = "/") -> Console:
        """Load the console at one of its pages."""
        self.page.goto(f"{self.origin}/#{path}")
        return self

    def go(self, path: str) -> None:
        """Go to a page without loading the console again, as a link does."""
        self.page.evaluate(f"void (location.hash = {json.dumps(path)})")

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the form, and send it."""
        self.fill("E-mail address", email)
        self.fill("Password", password)
        self.press("Sign in")

    def fill(self, label: str, text: str) -> None:
        """Type into the field with a label."""
        self.page.do("fill", f"internal:label={json.dumps(label)}i", text, {"timeout": 10_000})

    def press(self, name: str) -> None:
        """Press the button with a name, in a dialog if one is open."""
        within = "dialog[open] " if self.page.evaluate("Boolean(document.querySelector('dialog[open]'))") else ""
        self.page.do("click", f"{within}>> role=button[name={json.dumps(name)}]".removeprefix(">> "), {"timeout": 10_000})

    def choose_files(self, selector: str, paths: Sequence[Path]) -> None:
        """Choose files in a field."""
        self.page.do("setInputFiles", selector, [str(path) for path in paths])

    def see(self, *texts: str, seconds: float = 30) -> None:
        """Wait until all of these texts are shown."""
        for text in texts:
            self.page.wait_for(f"{SHOWN}.includes({json.dumps(text)})", seconds)

    def not_see(self, *texts: str) -> None:
        """Wait until none of these texts is shown."""
        for text in texts:
            self.page.wait_for(f"!{SHOWN}.includes({json.dumps(text)})")

    def count(self, selector: str) -> int:
        """Return how many elements there are."""
        return int(self.page.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length"))

    def playing(self) -> str:
        """Return an expression for how far the owner's player has come."""
        return "(document.querySelector('reelgate-player')?.video.currentTime ?? 0)"

    def assert_accessible(self) -> None:
        """Look at what is shown with axe, in light and in dark."""
        for scheme in ("light", "dark"):
            self.page.do("emulateMedia", {"colorScheme": scheme})
            assert violations(self.page) == [], scheme
        self.page.do("emulateMedia", {"colorScheme": None})

    def refuse(self, pattern: str, status: int, code: str, detail: str, **more: Any) -> None:
        """Have the API refuse requests whose address fits a pattern."""
        problem = {"type": f"urn:problem-type:reelgate:{code}", "title": "Refused", "status": status, "code": code}
        body = json.dumps({**problem, "detail": detail, "request_id": "0f6d5c1e2b3a4978", **more})
        self.page.answer_with(pattern, status=status, body=body, **{"Content-Type": "application/problem+json"})

    def see_unverified(self, person: Person) -> None:
        """Have the next sign-in say that the address is not verified. (In the local cloud, all are.)"""
        answer = person.api.post("/v1/auth/login", json={"email": person.email, "password": person.password}).json()
        answer["user"]["email_verified"] = False
        self.page.answer_with("**/v1/auth/login", status=200, body=json.dumps(answer), **{"Content-Type": "application/json"})

    def allow(self, pattern: str) -> None:
        """End what `refuse` or `answer_with` has begun."""
        self.page.do("unroute", pattern)

    def complaints(self) -> list[str]:
        """Return exceptions that nothing caught, and what the page's own policy has forbidden."""
        return [line for line in self.page.said() if line.startswith("uncaught") or "Content Security Policy" in line]
