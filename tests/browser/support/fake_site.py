"""The API of playback and the bucket behind it, on two origins, as far as the watch page needs them.

It is for what a real cloud shows only after minutes or not at all: an API that refuses in every way, and a network that breaks.
The page is the product's.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from reelgate.web.http.answers.content_security import page_headers
from reelgate.web.watch.assets import assets
from reelgate.web.watch.page import WatchedVideo, watch_page
from tests.browser.support.film import SEGMENT_SECONDS, Film
from tests.browser.support.pictures import sprite_sheet

CAPTIONS = "WEBVTT\n\n" + "\n\n".join(
    f"00:{at:02}.000 --> 00:{at + 2:02}.000\nCaption of second {at}" for at in range(0, 58, 2)
)
GERMAN = "WEBVTT\n\n00:00.000 --> 00:58.000\nGuten Tag\n"
TILES, TILE = 12, (160, 90)


@dataclass
class FakeSite:
    """What is at the link, and what the API answers. Tests change it while the page runs."""

    film: Film
    lease_seconds: float = 3
    refusal: tuple[int, str] | None = None
    play: dict[str, Any] = field(default_factory=dict)
    framed_by: tuple[str, ...] = ()
    lost_answers: int = 0
    sheet: bytes = field(default_factory=lambda: sprite_sheet(TILES, TILE))
    poster: bytes = b""
    void: frozenset[str] = frozenset()
    leases: list[dict[str, Any]] = field(default_factory=list)
    bucket: list[tuple[int, str]] = field(default_factory=list)
    files: list[str | None] = field(default_factory=list)
    pages: dict[str, tuple[str | bytes, str]] = field(default_factory=dict)
    """Pages of other people on the API's origin, by their paths: content and type."""
    origin: str = ""
    storage: str = ""
    lock: Lock = field(default_factory=Lock)

    @property
    def watch_url(self) -> str:
        return f"{self.origin}/watch/rgp_token"

    @property
    def play_url(self) -> str:
        return f"{self.origin}/v1/play/rgp_token"

    def answer(self) -> dict[str, Any]:
        """Return what `GET /v1/play/{token}` says."""
        hls = {
            "url": f"{self.play_url}/master.m3u8?lease=1",
            "lease_url": f"{self.play_url}/lease",
            "native_url": f"{self.play_url}/master.m3u8",
        }
        captions = [
            {"language": "en", "label": "English", "url": f"{self.play_url}/captions/en.vtt", "default": False},
            {"language": "de", "label": "Deutsch", "url": f"{self.play_url}/captions/de.vtt", "default": False},
        ]
        return {
            "title": "A test film",
            "duration_seconds": float(self.film.seconds),
            "width": 640,
            "height": 360,
            "poster": {"url": f"{self.storage}/poster.jpg", "expires_at": "2030-01-01T00:00:00Z"} if self.poster else None,
            "playback": {"state": "ready"},
            "hls": hls,
            "sources": [],
            "captions": captions,
            "sprites": {"url": f"{self.play_url}/sprites.vtt"},
            "expires_at": "2030-01-01T00:00:00Z",
            "lease_seconds": self.lease_seconds,
        } | self.play

    def lease(self, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and answer of a lease, which is charged once for each number."""
        with self.lock:
            known = {lease["number"]: lease for lease in self.leases}
            if wanted["number"] in known:
                lease = known[wanted["number"]]
                over = lease["until"] < time.time()
                return (409, problem("lease_over")) if over else (200, lease["answer"])
            until = time.time() + self.lease_seconds
            answer = {
                "view": wanted.get("view") or "view-1",
                "number": wanted["number"],
                "url": f"{self.storage}/v0.mp4?until={until}&lease={wanted['number']}",
                "expires_at": datetime.fromtimestamp(until, UTC).isoformat(),
                "opens_until_seconds": wanted["position"] + self.lease_seconds + 30,
            }
            self.leases.append({**wanted, "until": until, "answer": answer})
            return 200, answer

    def media_playlist(self) -> str:
        """Return the playlist of the only rendition, with URLs that are not signed."""
        url = f"{self.storage}/v0.mp4"
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{SEGMENT_SECONDS}", "#EXT-X-PLAYLIST-TYPE:VOD"]
        lines += ["#EXT-X-INDEPENDENT-SEGMENTS", f'#EXT-X-MAP:URI="{url}",BYTERANGE="{self.film.init}@0"']
        for offset, size in self.film.segments:
            lines += [f"#EXTINF:{SEGMENT_SECONDS}.000000,", f"#EXT-X-BYTERANGE:{size}@{offset}", url]
        return "\n".join([*lines, "#EXT-X-ENDLIST", ""])

    def sprites(self) -> str:
        """Return the WebVTT of the sprite sheet."""
        each = self.film.seconds / TILES
        width, height = TILE
        cues = []
        for at in range(TILES):
            times = f"{clock(at * each)} --> {clock((at + 1) * each)}"
            cues.append(f"{times}\n{self.storage}/sheet.jpg#xywh={at % 4 * width},{at // 4 * height},{width},{height}")
        return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def clock(seconds: float) -> str:
    """Return a time as WebVTT has it."""
    return f"{int(seconds // 60):02}:{seconds % 60:06.3f}"


def problem(code: str) -> dict[str, Any]:
    """Return a problem's document, as far as the page reads it."""
    return {"code": code, "detail": "A test refuses."}


@contextmanager
def fake_site(film: Film) -> Iterator[FakeSite]:
    """Serve it on two free ports: the API with the page, and the bucket."""
    site = FakeSite(film)
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(site, kind)) for kind in (_Api, _Bucket)]
    site.origin, site.storage = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    for server in servers:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _handler(site: FakeSite, kind: type[_Handler]) -> type[_Handler]:
    return type(kind.__name__, (kind,), {"site": site})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: FakeSite

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def send(self, content: bytes | str | dict[str, Any], kind: str, status: int = 200, **headers: str) -> None:
        data = (
            content if isinstance(content, bytes) else (json.dumps(content) if isinstance(content, dict) else content).encode()
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


class _Api(_Handler):
    def do_GET(self) -> None:
        site, path = self.site, urlsplit(self.path).path
        if path in site.pages:
            self.send(*site.pages[path], **page_headers(loads_from=(site.storage,), framed_by=None))
        elif path.startswith("/watch/assets/"):
            asset = assets().files[path.rpartition("/")[2]]
            self.send(asset.content, asset.media_type)
        elif path.startswith("/watch/"):
            self.page(embedded="embed=1" in self.path)
        elif site.refusal:
            self.send(problem(site.refusal[1]), "application/problem+json", site.refusal[0])
        elif path == "/v1/play/rgp_token":
            self.send(site.answer(), "application/json")
        elif path.endswith("master.m3u8"):
            stream = '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,CODECS="avc1.42c01e,mp4a.40.2"'
            self.send(f"#EXTM3U\n{stream}\n{site.play_url}/v0.m3u8?lease=1\n", "application/vnd.apple.mpegurl")
        elif path.endswith("v0.m3u8"):
            self.send(site.media_playlist(), "application/vnd.apple.mpegurl")
        elif path.endswith("sprites.vtt"):
            self.send(site.sprites(), "text/vtt")
        else:
            self.send(GERMAN if path.endswith("de.vtt") else CAPTIONS, "text/vtt")

    def do_POST(self) -> None:
        site = self.site
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if site.refusal:
            self.send(problem(site.refusal[1]), "application/problem+json", site.refusal[0])
        elif self.path.endswith("/url"):
            site.files.append(self.headers["Idempotency-Key"])
            self.send({"url": f"{site.storage}/v0.mp4?until={time.time() + 600}"}, "application/json")
        else:
            status, answer = site.lease(wanted)
            if site.lost_answers:
                site.lost_answers -= 1
                self.close_connection = True
                self.connection.close()
                return
            self.send(answer, "application/json", status)

    def page(self, *, embedded: bool) -> None:
        site = self.site
        answer = site.answer()
        video = WatchedVideo(
            title=answer["title"],
            watch_url=site.watch_url,
            play_url=site.play_url,
            poster_url=answer["poster"]["url"] if answer["poster"] else None,
            width=answer["width"],
            height=answer["height"],
            duration_seconds=answer["duration_seconds"],
            expires_at=datetime.now(UTC) + timedelta(days=7),
        )
        html = watch_page(video, assets=assets().folder_path(), api_url=site.origin, embedded=embedded)
        headers = page_headers(loads_from=(site.storage,), framed_by=site.framed_by if embedded else None)
        self.send(html, "text/html; charset=utf-8", **headers)


class _Bucket(_Handler):
    def do_GET(self) -> None:
        """Ranges of the film, by a URL whose time is not over, with CORS headers, as the bucket sends them."""
        parts = urlsplit(self.path)
        cors = {"Access-Control-Allow-Origin": "*"}
        if parts.path in {"/sheet.jpg", "/poster.jpg"}:
            self.send(self.site.sheet if parts.path == "/sheet.jpg" else self.site.poster, "image/jpeg", **cors)
            return
        query = dict(parse_qsl(parts.query))
        until = float(query.get("until", 0))
        asked = self.headers.get("Range", "bytes=0-")
        if time.time() >= until or query.get("lease") in self.site.void:
            self.site.bucket.append((400, asked))
            self.send("ExpiredToken", "application/xml", 400, **cors)
            return
        data = self.site.film.data
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
        assert found, asked
        first, last = int(found[1]), int(found[2] or len(data) - 1)
        self.site.bucket.append((206, asked))
        self.send(data[first : last + 1], "video/mp4", 206, Content_Range=f"bytes {first}-{last}/{len(data)}", **cors)
