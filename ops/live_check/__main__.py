"""Verify a deployment: that messages arrive, an upload with a real video, what the front door passes on, and what Google's
documentation leaves open.

    python -m ops.live_check --api-url https://... --project PROJECT --bucket BUCKET --register
    python -m ops.live_check --local --register            # after eval "$(./emulator.sh env)"

Account: --register (a new one, for this run), --email with LIVE_CHECK_PASSWORD, or LIVE_CHECK_TOKEN. Some results are only in
the functions' logs, which are read with your Application Default Credentials. With an admin's token in LIVE_CHECK_ADMIN_TOKEN,
the audit log and the deliveries are checked, too; nothing else needs one. Secrets are read from the environment only and are
never printed. Exits with 1 if a promise is broken, with 2 if --strict and an assumption of the emulators differs. It removes
what it created, with the account of --register.

What usage logs say comes hours later: where there are logs, a run leaves a note of its downloads in the bucket, and a later
one, or one with --usage-logs that asks nothing else, answers and removes it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ops.live_check import questions
from ops.live_check.checks import (
    addresses,
    budgets,
    gateway,
    keys,
    older,
    pauses,
    pushes,
    streaming,
    usage_logs,
    watch,
    written,
)
from ops.live_check.logs import CloudLogs, LocalLogs
from ops.live_check.report import BROKEN, DIFFERS, PromiseBroken, Report
from ops.live_check.sign_in import sign_in
from ops.live_check.storage import Storage
from ops.live_check.target import TIMEOUT_SECONDS, Target
from ops.live_check.upload import upload

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
MIB = 1024 * 1024
PAUSE_SECONDS, LOCAL_PAUSE_SECONDS = 180, 1
LOG_SECONDS = 20
"""How long to wait for a line in Cloud Logging that may never come."""


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Check, print, clean up. Returns the exit code."""
    given = _parser().parse_args(arguments)
    report = Report()
    try:
        target = _target(given, environment, report)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    started = datetime.now(UTC)
    try:
        _check(target, given, environment)
    finally:
        left = [report.clean(what) for what in target.clean_up()]
        target.web.close()
    print(f"\n{report.table()}\n\n{report.summary()}")
    for what in left:
        print(f"left behind: {what}")
    if given.report:
        given.report.write_text(written.page(target, given, started, left), encoding="utf-8")
        print(f"written: {given.report}")
    if report.count(BROKEN):
        return 1
    return 2 if given.strict and report.count(DIFFERS) else 0


def _check(target: Target, given: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Run all checks. A failure skips only the checks that depend on it."""
    report = target.report
    if given.usage_logs:
        usage_logs.ask(Storage(target), only_look=True)
        return
    uid = _try(report, lambda: sign_in(target, email=given.email, register=given.register, environment=environment))
    if uid is not None:
        _main_job(target, given, uid)
    questions.ask_all(Storage(target))
    usage_logs.ask(Storage(target))
    streaming.ask_probe(target, given.probe_url, environment.get("LIVE_CHECK_IDENTITY_TOKEN", ""))
    if uid is not None:
        _front_door(target, given, uid)


def _main_job(target: Target, given: argparse.Namespace, uid: str) -> None:
    """Upload, after checking that messages arrive: without them there are no mails, no MP3s and no audit log."""
    report = target.report
    data, is_real = _video(given.video)
    video = _try(report, lambda: upload(target, f"live check ü {target.run} 100%+&#.mp4", data))
    if video is not None:
        _try(report, lambda: pushes.convert(target, video))
        _try(report, lambda: pushes.notify(target, uid))
    _try(report, lambda: pushes.audit(target, uid))
    pushes.kind(target)
    pushes.confinement(target)
    _try(report, lambda: addresses.entries(target))
    if video is not None:
        _try(report, lambda: older.routes(target, video))
        _try(report, lambda: watch.watch(target, video))
        _try(report, lambda: watch.convert(target, video, is_real=is_real))
        _try(report, lambda: budgets.audit(target, uid, video))


def _front_door(target: Target, given: argparse.Namespace, uid: str) -> None:
    report = target.report
    _try(report, lambda: gateway.errors(target))
    _try(report, lambda: keys.bearer(target))
    _try(report, lambda: gateway.cors(target, given.origin))
    _try(report, lambda: budgets.refuse(target))
    if given.register:  # an alert uses most of the daily limit: only for a throwaway user
        _try(report, lambda: budgets.alert(target, uid))
    else:
        report.not_asked(budgets.AREA, "an alert at 80 % of the day", "only with --register")
    if not given.skip_large:
        _try(report, lambda: gateway.bodies(target))
    _try(report, lambda: pauses.idle(target, given.pause))


def _try[T](report: Report, part: Callable[[], T]) -> T | None:
    """Return what a check returns; None if a promise was broken, which is reported, or if there was no answer."""
    try:
        return part()
    except PromiseBroken:
        return None
    except httpx.HTTPError as error:
        with contextlib.suppress(PromiseBroken):
            report.promise("network", "an answer", False, f"{type(error).__name__}: {error}", "an answer")
        return None


def _video(given: Path | None) -> tuple[bytes, bool]:
    """Return the video to upload, and whether it is a real one."""
    if given is not None:
        return given.read_bytes(), True
    try:
        from localcloud.demo.video import make_video  # noqa: PLC0415 - needs av, which may be missing
    except ImportError:
        return os.urandom(3 * MIB), False
    with tempfile.TemporaryDirectory() as folder:
        return make_video(Path(folder) / "video.mp4", seconds=3, noise=0.6).read_bytes(), True


def _target(given: argparse.Namespace, environment: Mapping[str, str], report: Report) -> Target:
    if given.local:
        storage = environment.get("STORAGE_EMULATOR_HOST", "")
        if not storage:
            raise ValueError('--local needs the local cloud: eval "$(./emulator.sh env)"')
        given.api_url, given.bucket = environment["REELGATE_URL"], environment["REELGATE_MEDIA_BUCKET"]
        given.project = environment["GOOGLE_CLOUD_PROJECT"]
        derived, log_bucket = (f"{given.bucket}-{what}" for what in ("derived", "usage-logs"))
        # The storage emulator signs for any account, too, and believes every caller of its JSON API.
        storage_url = iam_url = storage
        credentials: Callable[[], Mapping[str, str]] | None = lambda: {"Authorization": "Bearer owner"}  # noqa: E731
    else:
        storage_url, iam_url = "https://storage.googleapis.com", "https://iamcredentials.googleapis.com"
        credentials = _operator()
        derived, log_bucket = (f"{given.project}-{given.prefix}-{what}" for what in ("derived", "usage-logs"))
    if missing := [f"--{name.replace('_', '-')}" for name in ("api_url", "project", "bucket") if not getattr(given, name)]:
        raise ValueError(f"Give {', '.join(missing)}, or --local.")
    if given.report and not given.report.parent.is_dir():
        raise ValueError(f"--report: there is no folder {given.report.parent}.")
    if not (given.usage_logs or given.register or given.email or environment.get("LIVE_CHECK_TOKEN")):
        raise ValueError("Give --register, or --email with LIVE_CHECK_PASSWORD, or set LIVE_CHECK_TOKEN.")
    signers = {role: f"{given.prefix}-sign-{role}@{given.project}.iam.gserviceaccount.com" for role in ("upload", "read")}
    if given.pause is None:
        given.pause = LOCAL_PAUSE_SECONDS if given.local else PAUSE_SECONDS
    web = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)
    logs = _local_logs(environment) if given.local else CloudLogs(given.project, given.prefix, credentials, web)
    return Target(
        project=given.project,
        api_url=given.api_url.rstrip("/"),
        storage_url=storage_url,
        iam_url=iam_url,
        bucket=given.bucket,
        derived_bucket=derived,
        log_bucket=log_bucket,
        signers=signers,
        report=report,
        logs=logs,
        log_seconds=0 if given.local else LOG_SECONDS,
        credentials=credentials,
        web=web,
    )


def _local_logs(environment: Mapping[str, str]) -> LocalLogs:
    """Return the logs of the local cloud whose addresses the environment has."""
    from localcloud.supervisor.state.folder import StateFolder  # noqa: PLC0415

    folder = environment.get("REELGATE_STATE")
    port = environment.get("REELGATE_PORT") or urlsplit(environment["REELGATE_URL"]).port or 0
    return LocalLogs(StateFolder(int(port), Path(folder) if folder else None).path / "logs")


def _operator() -> Callable[[], Mapping[str, str]] | None:
    """Return where headers with the operator's access token come from; None without Application Default Credentials."""
    import google.auth  # noqa: PLC0415
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
    from google.auth.transport.requests import Request  # noqa: PLC0415

    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
    except GoogleAuthError:
        return None
    return lambda: {"Authorization": f"Bearer {credentials.token}"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops.live_check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--api-url", help="Terraform's output api_url")
    parser.add_argument("--project", help="the Google Cloud project")
    parser.add_argument("--bucket", help="Terraform's output buckets.media")
    parser.add_argument("--prefix", default="reelgate", help="Terraform's variable of that name (default: %(default)s)")
    parser.add_argument("--local", action="store_true", help="the local cloud of `./emulator.sh env`")
    parser.add_argument("--register", action="store_true", help="make a user for this run")
    parser.add_argument("--email", help="log in as this user; the password is in LIVE_CHECK_PASSWORD")
    parser.add_argument("--video", type=Path, help="a video with sound, some MB; one is made if av is installed")
    parser.add_argument("--origin", help="one of Terraform's cors_origins")
    parser.add_argument("--probe-url", help="URL of ops/live_check/probe_function, deployed (docs/operations.md)")
    parser.add_argument(
        "--usage-logs", action="store_true", help="only look for what the usage logs say of an earlier run's downloads"
    )
    parser.add_argument("--skip-large", action="store_true", help="do not send forms of 30, 31 and 33 MiB")
    parser.add_argument(
        "--pause",
        type=float,
        metavar="SECONDS",
        help=f"how long functions stay idle before they are called again (default: {PAUSE_SECONDS}, or"
        f" {LOCAL_PAUSE_SECONDS} with --local; 0: skip)",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the results as Markdown")
    parser.add_argument("--strict", action="store_true", help="exit with 2 if an assumption of the emulators differs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
