"""A page with `<reelgate-player>` on the fake site, under the policy of the watch page: no script or style in it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from localcloud.supervisor.services.clients import build
from tests.browser.support.chromium import Page
from tests.browser.support.fake_site import FakeSite
from tests.fixtures.openapi_document import ROOT

SCRIPT = ROOT / "clients" / "js" / "dist" / "reelgate-player.js"
PLAYER = "document.querySelector('reelgate-player')"
VIDEO = f"{PLAYER}.video"
TIME = f"{VIDEO}.currentTime"
SHOWN = f"[...{VIDEO}.textTracks].find((one) => one.kind === 'captions' && one.mode === 'showing')"

LISTENER = """
window.told = [];
window.blocked = [];
for (const type of ["ready", "revoked", "budgetexhausted", "refused"]) {
  document.addEventListener(type, (event) => told.push({ type, ...event.detail }), true);
}
document.addEventListener("securitypolicyviolation", (event) => blocked.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
STYLES = "body { margin: 0 } reelgate-player { max-width: 960px } reelgate-player::part(title) { letter-spacing: 1px }"


def show(site: FakeSite, page: Page, *players: str, lang: str = "en") -> None:
    """Open a page with players, each given by its attributes; by default one with the site's grant."""
    elements = "\n".join(f"<reelgate-player {one}></reelgate-player>" for one in players or (f'grant="{site.watch_url}"',))
    scripts = '<script src="/page.js"></script><script src="/player.js" defer></script>'
    loads = f'<link rel="stylesheet" href="/page.css">{scripts}'
    view = '<meta name="viewport" content="width=device-width">'
    main = f"<main><h1>A page</h1>\n{elements}\n</main>"
    html = f'<!doctype html><html lang="{lang}"><title>A page</title>{view}{loads}{main}</html>'
    site.pages |= {
        "/page": (html, "text/html; charset=utf-8"),
        "/page.js": (LISTENER, "text/javascript"),
        "/page.css": (STYLES, "text/css"),
        "/player.js": (_script(), "text/javascript; charset=utf-8"),
    }
    page.goto(f"{site.origin}/page")


def inside(selector: str, player: str = PLAYER) -> str:
    """Return the expression of an element in a player."""
    return f"{player}.shadowRoot.querySelector({json.dumps(selector)})"


def told(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return what the players have said by events of a kind."""
    return [event for event in page.evaluate("told") if event["type"] == kind]


def play(page: Page) -> None:
    """Press the large button, once it is there, and wait for the first pictures."""
    page.click("reelgate-player [part=start]")
    page.wait_for(f"{TIME} > 0.3")


def nothing_blocked(page: Page) -> None:
    """The page's policy has refused nothing, and no exception was lost. Answers that refuse are no errors here."""
    assert page.evaluate("blocked") == []
    said = [line for line in page.said() if not line.startswith("error: Failed to load resource")]
    assert [line for line in said if line.startswith(("error", "uncaught", "warning"))] == []


@cache
def _script() -> bytes:
    build()
    return SCRIPT.read_bytes()
