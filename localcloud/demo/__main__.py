"""The whole loop on a real video, against the running local cloud: `./emulator.sh demo`.

Prints what it observes at each step; exits with 1 at the first unexpected result.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

import httpx

from localcloud.demo import cloud, extras, main_job, sharing
from localcloud.demo.story import say, seen
from localcloud.demo.video import make_video

MIB = 1024 * 1024


def run(folder: Path) -> None:
    """Go through all steps. Raises PromiseBrokenError at the first that is not as promised."""
    say(1, "A user registers and logs in")
    email, api_url = f"ada-{secrets.token_hex(4)}@example.com", os.environ["REELGATE_URL"]
    uid, token = extras.register(api_url, email)
    file = make_video(folder / "holiday.mp4", seconds=4, width=1280, height=720, noise=0.5)
    size = file.stat().st_size
    seen(f"their video: holiday.mp4, H.264 and AAC, {size / MIB:.1f} MiB")
    alerts = cloud.Alerts(uid)
    with httpx.Client(base_url=api_url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as api:
        video_id = main_job.upload(api, file)["upload_id"]
        main_job.look_at_storage(api, size)
        main_job.watch(api, file, video_id)
        main_job.see_alerts(alerts)
        main_job.close_the_day(api, uid, alerts)
        extras.listen(api, email, video_id)
        sharing.share_and_revoke(api, file, video_id)
        clip = make_video(folder / "clip.mp4", seconds=2, width=640, height=360, noise=0.35)
        extras.send_in_chunks(api, clip, uid)
        extras.tidy_up(api, clip.name)
        extras.administer(api, uid, size)
    alerts.close()


def main() -> int:
    """Run the demo. Returns the exit code."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="reelgate-demo-") as folder:
        try:
            run(Path(folder))
        except Exception as broken:  # any error means that the demo failed
            print(f"\nNOT AS PROMISED: {type(broken).__name__}: {broken}", file=sys.stderr)
            return 1
    print(f"\nAll as promised, in {time.monotonic() - began:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
