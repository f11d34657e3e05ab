"""Record `./emulator.sh demo` as docs/images/demo.gif: python -m tests.browser.demo.record_demo.

The lines are those that it prints; only pauses of more than a second are cut short.
"""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.demo.gif import write_gif
from tests.browser.support.chromium import Browser, find_chromium, running

ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "docs" / "images" / "demo.gif"
COMMAND = ["./emulator.sh", "demo"]
SIZE = {"width": 880, "height": 470}
LINES, COLUMNS = 22, 108
LONGEST_PAUSE, LAST = 1.0, 5.0  # seconds
STYLE = """
body { margin: 0; background: #14161a; color: #d6dae0; font: 13px/20px "DejaVu Sans Mono", "Liberation Mono", monospace }
pre { margin: 0; padding: 14px 18px } b { color: #fff } i { color: #7fd18b; font-style: normal }
"""


def main() -> int:
    """Run the demo, and draw what it has printed after each line."""
    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium to draw with. Install one, or set REELGATE_CHROMIUM.", file=sys.stderr)
        return 1
    lines = list(_run())
    with running(chromium) as browser:
        pictures = _pictures(browser, lines)
    write_gif(TARGET, pictures)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} bytes, {len(pictures)} pictures")
    return 0


def _run() -> list[tuple[str, float]]:
    """Return the lines that the demo prints, each with the seconds until the next one."""
    process = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    came = [("$ " + " ".join(COMMAND), time.monotonic())]
    for line in process.stdout:
        print(line, end="", flush=True)
        came.append((line.rstrip("\n"), time.monotonic()))
    if process.wait():
        raise SystemExit(f"the demo has failed: {process.returncode}")
    ends = [at for _, at in came[1:]] + [came[-1][1] + LAST]
    return [
        (line, min(end - at, LAST if end == ends[-1] else LONGEST_PAUSE)) for (line, at), end in zip(came, ends, strict=True)
    ]


def _pictures(browser: Browser, lines: list[tuple[str, float]]) -> list[tuple[bytes, float]]:
    page = browser.open(viewport=SIZE)
    pictures: list[tuple[bytes, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        waited = 0.0
        for count in range(1, len(lines) + 1):
            waited += lines[count - 1][1]
            if waited < 0.15 and count < len(lines):
                continue  # lines that come at once are one picture
            page.do("setContent", f"<style>{STYLE}</style><pre>{_drawn([line for line, _ in lines[:count]])}</pre>")
            page.screenshot(picture)
            pictures.append((picture.read_bytes(), waited))
            waited = 0.0
    page.close()
    return pictures


def _drawn(lines: list[str]) -> str:
    shown = [line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…" for line in lines][-LINES:]
    return "\n".join(_marked(html.escape(line)) for line in shown)


def _marked(line: str) -> str:
    if line.startswith("$"):
        return f"<i>{line}</i>"
    return f"<b>{line}</b>" if line[:1].isdigit() or line.startswith("All as promised") else line


if __name__ == "__main__":
    raise SystemExit(main())
