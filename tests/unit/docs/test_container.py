"""The container for developers has what the local cloud asks for, as far as this shows without building it (`make image`)."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from localcloud.supervisor.ports import DEFAULT_BASE, port_of
from localcloud.supervisor.services.google_emulators import INSTALL_COMPONENTS
from tests.fixtures.openapi_document import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def installed() -> set[str]:
    """Return the packages that the Dockerfile installs."""
    lists = re.findall(r"apt-get install -y --no-install-recommends(.*?)&&", DOCKERFILE.replace("\\\n", " "), re.DOTALL)
    return {package for packages in lists for package in packages.split()}


def test_the_base_is_pinned_and_has_the_functions_python() -> None:
    [base] = re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"debian:13\.\d+-slim", base)  # Debian 13 has Python 3.13 and Node 20


def test_what_the_local_cloud_asks_for_is_installed() -> None:
    emulators = re.findall(r"google-cloud-cli-[a-z-]+", INSTALL_COMPONENTS)
    assert len(emulators) == 2
    assert {*emulators, "google-cloud-cli", "default-jre-headless", "nodejs", "npm", "python3", "python3-venv"} <= installed()


def test_what_ci_installs_is_installed() -> None:
    asked = re.findall(r"missing\+=\((\w+)\)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert {"chromium", "ffmpeg"} <= set(asked) <= installed()


def test_nobody_is_root_in_it_and_no_checkout_is_copied_into_it() -> None:
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) == ["1000"]
    assert re.findall(r"^(?:COPY|ADD)\b.*$", DOCKERFILE, re.MULTILINE) == []
    assert "*" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_editor_builds_that_container_and_forwards_what_a_browser_needs() -> None:
    assert (ROOT / ".devcontainer" / DEVCONTAINER["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert f"useradd --create-home --uid 1000 --shell /bin/bash {DEVCONTAINER['remoteUser']}" in DOCKERFILE
    needed = [port_of(name, DEFAULT_BASE) for name in ("gateway", "storage", "mail")]
    assert DEVCONTAINER["forwardPorts"] == needed
    # Signed URLs name the port: under another one, nothing could be uploaded.
    assert all(DEVCONTAINER["portsAttributes"][str(port)]["requireLocalPort"] for port in needed)


def test_without_an_engine_it_is_said_that_nothing_was_built(tmp_path: Path) -> None:
    for program in ("bash", "dirname"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    done = subprocess.run(
        [ROOT / "ops" / "container_image.sh"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert "THE IMAGE IS NOT BUILT" in done.stdout
