"""`<reelgate-uploader>` on the local cloud: folders dropped, bad networks, a reload, and in place of `<mux-uploader>`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.browser.support.axe import violations
from tests.browser.support.chromium import PHONE, Page
from tests.browser.support.other_site import Site, site
from tests.browser.uploader.upload_page import ELEMENT, Uploader, broken_bucket, example, film_like, publish
from tests.e2e.people import Person
from tests.fixtures.openapi_document import ROOT

IMAGES = ROOT / "docs" / "images"
MB = 1_000_000
MIB = 1 << 20
ACCOUNT = "uploader.client = new Reelgate({ endpoint: api, token });"


@pytest.fixture
def shop() -> Iterator[Site]:
    """Somebody's web site."""
    with site() as found:
        yield found


def picture(page: Page, tmp_path: Path, name: str) -> None:
    """Take a picture for the docs with REELGATE_SCREENSHOTS=1; otherwise one that nobody keeps."""
    folder = IMAGES if os.environ.get("REELGATE_SCREENSHOTS") else tmp_path
    page.screenshot(folder / name, type="jpeg", quality=80)
    assert 5_000 < (folder / name).stat().st_size < 200_000


def complaints(page: Page) -> list[str]:
    """Return what went wrong in the page itself."""
    return [line for line in page.said() if "Content Security Policy" in line or line.startswith("uncaught")]


def test_a_folder_and_files_are_dropped(
    cloud: Mapping[str, str], person: Person, shop: Site, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    publish(shop, cloud["REELGATE_URL"], person.token, setup=ACCOUNT)
    folder = tmp_path / "holiday" / "day 2"
    folder.mkdir(parents=True)
    beach, boat = film_like(folder.parent / "beach.mp4", 2 * MB), film_like(folder / "boat.mp4", 3 * MB)
    (folder / ".DS_Store").write_bytes(b"left by a system")
    cat = film_like(tmp_path / "cat.mov", MB)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ada")
    feature = film_like(tmp_path / "feature.mp4", 60 * MB)

    page = open_page(viewport={"width": 900, "height": 900}, colorScheme="light")
    page.goto(shop.origin)
    uploader = Uploader(page)
    uploader.until_shown("52 MB of 52 MB are left in your storage.")
    page.drop("reelgate-uploader", folder.parent, cat, letter, feature)
    for name in (beach.name, boat.name, cat.name):
        assert uploader.until_state(name, "ready")["videoId"]
    uploader.until_shown("3 of 4 files fit; 52 MB are left.")
    items = uploader.items()
    assert items["letter.txt"]["problem"] == "This is not a video or audio file."
    assert "left in your storage" in items["feature.mp4"]["problem"]
    assert set(items) == {"beach.mp4", "boat.mp4", "cat.mov", "letter.txt", "feature.mp4"}
    kept = {video["filename"]: video["video_id"] for video in person.api.get("/v1/videos").json()["items"]}
    assert kept == {name: items[name]["videoId"] for name in ("beach.mp4", "boat.mp4", "cat.mov")}
    assert sorted(detail["videoId"] for detail in uploader.heard("ready")) == sorted(kept.values())
    assert sorted(detail["code"] for detail in uploader.heard("uploaderror")) == ["storage_limit_exceeded", "type"]
    assert uploader.heard("progress")[-1] == 100
    uploader.until_shown("46 MB of 52 MB are left in your storage.")

    # The same name again: another one is offered.
    uploader.add(cat)
    uploader.until("it.items.at(-1).error?.code === 'name_taken'")
    page.click("reelgate-uploader li:last-child [part~=rename]")
    uploader.until_state("cat (2).mov", "ready")

    # With the keyboard alone: a row is removed, and the focus is on what follows it.
    page.evaluate(f"{ELEMENT}.shadowRoot.querySelector('[aria-label=\"Remove: letter.txt\"]').focus()")
    page.press("Enter")
    uploader.until("!file('letter.txt') && root.activeElement?.ariaLabel === 'Retry: feature.mp4'")
    assert violations(page) == []
    page.do("emulateMedia", {"colorScheme": "dark"})
    assert violations(page) == []
    assert complaints(page) == []
    person.assert_books_right()


def test_a_bad_network_and_a_reload(
    cloud: Mapping[str, str], person: Person, shop: Site, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    publish(shop, cloud["REELGATE_URL"], person.token, setup=ACCOUNT)
    page = open_page(viewport={"width": 900, "height": 860}, colorScheme="light")
    page.goto(shop.origin)
    uploader = Uploader(page)
    train, other = film_like(tmp_path / "train.mp4", 20 * MB), film_like(tmp_path / "other.mp4", MB)
    faults = [{"error_status": status, "times": 1} for status in (503, 429, 500)]

    with broken_bucket(cloud, *faults, {"drop_upload_after_bytes": MIB, "times": 1}):
        uploader.add(train)
        page.wait_for("heard.some(({ kind }) => kind === 'uploadstart')")
        page.do("setOffline", True)
        uploader.until_shown("You are offline.")
        page.do("setOffline", False)
        uploader.until_state("train.mp4", "ready", seconds=60)
    assert uploader.heard("uploaderror") == []
    assert uploader.heard("offline") == uploader.heard("online") == [None]

    # Paused while another goes on; then the page is reloaded, and the same file is chosen again.
    plane = film_like(tmp_path / "plane.mp4", 24 * MB)
    slowly = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4 * MB}
    page.protocol("Network.emulateNetworkConditions", **slowly)
    uploader.add(plane, other, film_like(tmp_path / "feature.mp4", 60 * MB))
    uploader.until("file('plane.mp4')?.sentBytes > 9e6")
    uploader.press_button("Pause: plane.mp4")
    uploader.until_state("other.mp4", "ready")
    uploader.press_button("Resume: plane.mp4")
    uploader.until("file('plane.mp4').state === 'sending' && file('plane.mp4').secondsLeft > 0")
    picture(page, tmp_path, "uploader.jpg")
    page.do("reload")
    uploader.until_shown("Choose the file again to go on.")
    assert violations(page) == []
    before = len(page.ranges())
    uploader.press_button("Choose the file: plane.mp4")
    uploader.choose(other)
    uploader.until_shown("This is not “plane.mp4”")
    uploader.press_button("Choose the file: plane.mp4")
    uploader.choose(plane)
    uploader.until_state("plane.mp4", "ready")
    starts = [int(one.removeprefix("bytes ").split("-")[0]) for one in page.ranges()[before:] if "*/" not in one]
    assert min(starts, default=0) >= 8 * MIB, "what has arrived is not sent again"
    uploader.until("root.querySelector('.unfinished').hidden")

    # Cancelled: name and bytes are free at once.
    uploader.add(film_like(tmp_path / "big.mp4", 6 * MB))
    uploader.until_state("big.mp4", "sending")
    uploader.press_button("Cancel: big.mp4")
    uploader.until("!file('big.mp4')")
    assert person.api.get("/v1/uploads").json()["items"] == []
    assert complaints(page) == []
    person.assert_books_right()


DROP_IN = """
uploader.endpoint = async (file) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ filename: file.name, size: file.size, start: "server" });
  return (await (await fetch(`${api}/v1/uploads`, { method: "POST", headers, body })).json()).session_url;
};
"""


def test_in_place_of_mux_uploader(
    cloud: Mapping[str, str], person: Person, shop: Site, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    element = (
        '<reelgate-uploader locale="de" pausable chunk-size="1024" max-file-size="4096" type="percentage"></reelgate-uploader>'
    )
    publish(shop, cloud["REELGATE_URL"], person.token, element=element, setup=DROP_IN)
    page = open_page(**PHONE, colorScheme="dark")
    page.goto(shop.origin)
    uploader = Uploader(page)
    uploader.until_shown("Ein Video zum Hochladen hier ablegen")
    clip, large = film_like(tmp_path / "clip.mp4", 3 * MIB + 5), film_like(tmp_path / "large.mp4", 5 * MIB)
    uploader.add(large)
    assert uploader.until_state("large.mp4", "failed")["problem"] == "Diese Datei hat 5,2 MB; höchstens 4,2 MB sind erlaubt."
    with broken_bucket(cloud, *({"error_status": status, "times": 1} for status in (429, 500))):
        uploader.add(clip)
        uploader.until_state("clip.mp4", "ready")
    assert [detail["chunk"] for detail in uploader.heard("chunksuccess")] == [0, 1, 2, 3]
    assert {detail["chunkNumber"] for detail in uploader.heard("chunkattempt")} == {0, 1, 2, 3}
    assert uploader.heard("uploadstart")[-1]["chunkSize"] == 1024
    assert len(uploader.heard("success")) == 1
    assert page.evaluate(f"{ELEMENT}.hasAttribute('upload-complete')")
    [video] = person.api.get("/v1/videos").json()["items"]
    assert (video["filename"], video["size"]) == ("clip.mp4", clip.stat().st_size)
    assert violations(page) == []
    assert complaints(page) == []


def test_the_example_in_react(
    cloud: Mapping[str, str], person: Person, shop: Site, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page_, script = example("uploads")
    shop.files = {"/": page_.replace(b"http://127.0.0.1:8080", cloud["REELGATE_URL"].encode()), "/uploads.js": script}
    page = open_page(viewport={"width": 900, "height": 900})
    page.goto(shop.origin)
    page.do("fill", "input[name=email]", person.email)
    page.do("fill", "input[name=password]", person.password)
    page.press("Enter")
    uploader = Uploader(page)
    page.wait_for(f"{ELEMENT} !== null")
    uploader.until_shown("52 MB of 52 MB are left in your storage.")
    uploader.add(film_like(tmp_path / "walk.mp4", MB))
    page.wait_for("document.querySelector('#app > ul')?.textContent === 'walk.mp4'")
    assert complaints(page) == []
