"""The web console in a browser, as its users see it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.browser.support.axe import violations
from tests.browser.support.chromium import Page
from tests.e2e.people import Person

DIALOG = "dialog[open]"
TOP = f":is(body:not(:has({DIALOG})), {DIALOG})"
"""What can be used: the dialog if one is open, or the whole page. Playwright waits for it: a dialog may be about to close."""
FIELD = f"internal:and={json.dumps('input, textarea')}"
ALLOWED = "error: Failed to load resource"
"""What Chromium itself says about an answer that a page handles."""


class Console:
    """A page with the console, and what people do there. They find elements by role and name."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin

    def open(self, path: str = "/") -> Console:
        """Load the console at one of its pages."""
        self.page.goto(f"{self.origin}/#{path}")
        return self

    def go(self, path: str, title: str | None = None) -> None:
        """Go to a page without loading the console again, as a link does. With a title, wait until all of it is there."""
        self.page.evaluate(f"void (location.hash = {json.dumps(path)})")
        if title is not None:
            shown = "[...document.querySelectorAll('h1')].find((one) => one.checkVisibility())"
            self.page.wait_for(f"{shown}?.textContent === {json.dumps(title)}")
            self.settled()

    def settled(self) -> None:
        """Wait until nothing is loading, and nothing is under way."""
        self.page.wait_for("!document.querySelector('.loading, main [aria-busy]')")

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the form, and send it."""
        self.fill("E-mail address", email)
        self.fill("Password", password)
        self.press("Sign in")

    def enter(self, person: Person) -> Console:
        """Load the console, sign in, and wait until the first page is there."""
        self.open().sign_in(person.email, person.password)
        self.page.wait_for("document.querySelector('.shell')")
        return self

    def fill(self, label: str, text: str, within: str = TOP) -> None:
        """Type into the field with a label."""
        self.page.do("fill", f"{within} >> internal:label={json.dumps(label)}s >> {FIELD}", text)

    def choose(self, label: str, value: str) -> None:
        """Choose from the list with a label."""
        self.page.do("selectOption", f"{TOP} >> internal:label={json.dumps(label)}s", value)

    def press(self, name: str, within: str = TOP) -> None:
        """Press the button with a name."""
        self.page.do("click", f"{within} >> role=button[name={json.dumps(name)}]")

    def answer(self, name: str) -> None:
        """Press a button of the dialog, which may be about to open."""
        self.press(name, DIALOG)

    def choose_files(self, selector: str, paths: Sequence[Path]) -> None:
        """Choose files in a field."""
        self.page.do("setInputFiles", selector, [str(path) for path in paths])

    def save(self, name: str) -> tuple[str, str]:
        """Press a button that saves a file. Returns the file's name and its text."""
        saved: dict[str, Any] = self.page.do("download", f"main >> role=button[name={json.dumps(name)}]")
        return str(saved["name"]), str(saved["text"])

    def text(self, within: str = "main") -> str:
        """Return what people read of an element."""
        return str(self.page.evaluate(f"document.querySelector({json.dumps(within)})?.innerText ?? ''"))

    def see(self, *texts: str, within: str = "body", seconds: float = 30) -> None:
        """Wait until an element shows all of these texts."""
        for text in texts:
            shown = f"document.querySelector({json.dumps(within)})?.innerText"
            self.page.wait_for(f"{shown}?.includes({json.dumps(text)})", seconds)

    def not_see(self, *texts: str) -> None:
        """Wait until none of these texts is shown."""
        for text in texts:
            self.page.wait_for(f"!document.body.innerText.includes({json.dumps(text)})")

    def count(self, selector: str) -> int:
        """Return how many elements there are."""
        return int(self.page.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length"))

    def playing(self) -> str:
        """Return an expression for how far the owner's player has come."""
        return "(document.querySelector('reelgate-player')?.video.currentTime ?? 0)"

    def assert_accessible(self) -> None:
        """Look at what is shown with axe, in light and in dark."""
        for scheme in ("light", "dark"):
            self.page.do("emulateMedia", {"colorScheme": scheme, "reducedMotion": "reduce"})
            found = violations(self.page)
            assert not found, "\n".join([f"{scheme}, {self.page.evaluate('location.hash')}:", *found])
        self.page.do("emulateMedia", {"colorScheme": None, "reducedMotion": None})

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
        """Return errors that the page has reported: what nothing caught, and what its own policy has forbidden."""
        said = [line for line in self.page.said() if line.startswith(("error", "uncaught"))]
        return [line for line in said if not line.startswith(ALLOWED)]
