"""A user of the web console: signs in, goes to pages, fills fields, presses buttons, saves files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.browser.chromium import Page
from tests.browser.support.axe import violations

ALLOWED = ("error: Failed to load resource: the server responded with a status of",)
"""What Chromium itself says about an answer that a page handles."""


@dataclass
class Tour:
    """Somebody at the console. Elements are found as people find them: by their role and their name."""

    page: Page
    url: str

    def sign_in(self, email: str, password: str) -> None:
        """Sign in at the first page."""
        self.page.goto(self.url)
        self.page.wait_for("document.querySelector('input[name=password]')")
        self.page.do("fill", "input[name=email]", email)
        self.page.do("fill", "input[name=password]", password)
        self.page.press("Enter")
        self.page.wait_for("document.querySelector('.shell')")

    def go(self, path: str, title: str) -> None:
        """Go to a page, and wait until nothing on it is loading any more."""
        self.page.evaluate(f"location.hash = {json.dumps(path)}")
        shown = "[...document.querySelectorAll('h1')].find((one) => one.checkVisibility())"
        self.page.wait_for(f"{shown}?.textContent === {json.dumps(title)}")
        self.settled()

    def settled(self) -> None:
        """Wait until nothing is loading, and nothing is under way."""
        self.page.wait_for("!document.querySelector('.loading, main [aria-busy]')")

    def press(self, name: str, within: str = "main") -> None:
        """Press a button, or follow a link, by its name."""
        self.page.do("click", f"{within} >> role=button[name={json.dumps(name)}]", {"timeout": 10_000})

    def answer(self, name: str) -> None:
        """Press a button of the dialog."""
        self.press(name, within="dialog[open]")

    def fill(self, label: str, text: str, within: str = "main") -> None:
        """Type into a field, by its label."""
        self.page.do("fill", f"{within} >> label:text-is({json.dumps(label)}) + input", text, {"timeout": 10_000})

    def choose(self, label: str, value: str, within: str = "main") -> None:
        """Choose from a list, by its label."""
        self.page.do("selectOption", f"{within} >> label:text-is({json.dumps(label)}) + select", value, {"timeout": 10_000})

    def text(self, selector: str = "main") -> str:
        """Return what people read of an element."""
        return str(self.page.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def reads(self, text: str, selector: str = "main", seconds: float = 30) -> None:
        """Wait until an element says something."""
        self.page.wait_for(f"document.querySelector({json.dumps(selector)})?.innerText.includes({json.dumps(text)})", seconds)

    def save(self, name: str, within: str = "main") -> tuple[str, str]:
        """Press a button that saves a file. Returns the file's name and its text."""
        selector = f"{within} >> role=button[name={json.dumps(name)}]"
        saved: dict[str, Any] = self.page.do("download", selector)
        return str(saved["name"]), str(saved["text"])

    def check(self) -> None:
        """Have axe look at what is shown, in the light and in the dark."""
        for scheme in ("light", "dark"):
            self.page.do("emulateMedia", {"colorScheme": scheme, "reducedMotion": "reduce"})
            found = violations(self.page)
            assert not found, "\n".join([f"{scheme}, {self.page.evaluate('location.hash')}:", *found])

    def nothing_wrong(self) -> None:
        """Check that the page has reported no error: nothing uncaught, nothing that its policy forbids."""
        said = [line for line in self.page.said() if line.startswith(("error", "uncaught"))]
        assert [line for line in said if not line.startswith(ALLOWED)] == []
