"""The folder that holds everything one local cloud keeps: `.local/PORT` in the repository, or the folder that --state names."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
KEPT_IN_STATE_FOLDER = ("data", "snapshots", "config", "logs", "cloud.json", "hmac-secret", "webhook-secret")
LOG_LIMIT_BYTES = 10 * 1024 * 1024


@dataclass(slots=True)
class ProcessRecord:
    """One process as `status` shows it and `down` finds it."""

    port: int
    pid: int | None = None
    start: str | None = None
    started_unix: float = 0.0
    ready: bool = False
    restarts: int = 0


@dataclass(slots=True)
class CloudRecord:
    """The supervisor and its processes; state is starting, ready, stopping, stopped or failed."""

    pid: int
    start: str | None
    state: str = "starting"
    processes: dict[str, ProcessRecord] = field(default_factory=dict)


class StateFolder:
    """Paths and records of one local cloud. Only its owner may read the folder: it holds the signing secret."""

    def __init__(self, base_port: int, path: Path | None = None) -> None:
        self.base_port = base_port
        self.path = path or ROOT / ".local" / str(base_port)

    def create(self) -> None:
        """Make the folder and its parts."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("logs", "data", "config"):
            (self.path / name).mkdir(exist_ok=True, mode=0o700)

    @property
    def lock(self) -> Path:
        """The file a running supervisor holds locked."""
        return self.path / "lock"

    def log(self, name: str) -> Path:
        """Where the output of one process goes."""
        return self.path / "logs" / f"{name}.log"

    def data(self, name: str) -> Path:
        """Where one process keeps its persistent data."""
        return self.path / "data" / name

    def write_config(self, name: str, content: Any) -> Path:
        """Write a configuration file that only the owner may read; returns its path."""
        path = self.path / "config" / f"{name}.json"
        _write(path, json.dumps(content, indent=2))
        return path

    def hmac_secret(self) -> str:
        """Return the secret of this folder's signing key, made on first use."""
        path = self.path / "hmac-secret"
        if not path.exists():
            _write(path, secrets.token_urlsafe(30))
        return path.read_text()

    def webhook_secret(self) -> str:
        """Return the secret that this folder's webhooks are signed with, made on first use."""
        path = self.path / "webhook-secret"
        if not path.exists():
            _write(path, f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
        return path.read_text()

    def write_record(self, record: CloudRecord) -> None:
        """Write the record atomically: a reader sees the old or the new one, never a part."""
        _write(self.path / "cloud.json", json.dumps(asdict(record), indent=2))

    def read_record(self) -> CloudRecord | None:
        """Return the last record, or None if no cloud was ever started here."""
        try:
            content = json.loads((self.path / "cloud.json").read_text())
        except FileNotFoundError:
            return None
        processes = {name: ProcessRecord(**values) for name, values in content.pop("processes").items()}
        return CloudRecord(**content, processes=processes)

    def rotate_logs(self) -> None:
        """Move logs that have grown large to NAME.log.1, in place of an older one."""
        for log in (self.path / "logs").glob("*.log"):
            if log.stat().st_size > LOG_LIMIT_BYTES:
                log.replace(log.with_suffix(".log.1"))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
