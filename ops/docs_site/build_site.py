"""Build the documentation site in .local/docs-site/site: `make docs-site`, in an environment that has MkDocs.

The pages are the project's Markdown files, copied with their folders, so that their links work on the site as they do in a
checkout. The reference is openapi.yaml, shown by Redoc. The two scripts come from npm, pinned by their checksums.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".local" / "docs-site"
PAGES = BUILT / "pages"
COPIED = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs", "terraform", "bench")
KEPT = frozenset({".md", ".png", ".svg", ".jpg", ".gif"})
LINKED = ("LICENSE", "terraform/examples/minimal/main.tf", "terraform/examples/complete/main.tf", "openapi.yaml")
"""Files that pages link to."""

SCRIPTS = {
    ("redoc@2.5.4", "bundles/redoc.standalone.js"): "reference/redoc.standalone.js",
    ("mermaid@11.17.2", "dist/mermaid.min.js"): "assets/mermaid.min.js",
}
CHECKSUMS = {
    "redoc@2.5.4": "sha512-M6jWhG1qoBnH6TFmzJnstyCZ87HmOY/UzDm78mHiYihEdlV/YcS9ogOo1NlElnJMeLsyxHFe2yFc4sNjHTrABQ==",
    "mermaid@11.17.2": "sha512-V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg==",
}
"""Subresource Integrity of the packages, as npm publishes it."""


def build() -> None:
    """Collect the pages and the scripts, and build the site. Raises SystemExit if a link is broken."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for source in sorted(_sources()):
        target = PAGES / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for (package, member), place in SCRIPTS.items():
        target = PAGES / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_member_of(package, member))
    shutil.copyfile(Path(__file__).with_name("reference.html"), PAGES / "reference" / "index.html")
    shutil.copyfile(ROOT / "openapi.yaml", PAGES / "reference" / "openapi.yaml")
    config = Path(__file__).with_name("mkdocs.yml")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--config-file", str(config)]
    raise SystemExit(subprocess.run(command, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}).returncode)


def _sources() -> set[Path]:
    found = {ROOT / path for path in LINKED}
    for name in COPIED:
        path = ROOT / name
        found |= {path} if path.is_file() else {file for file in path.rglob("*") if file.suffix in KEPT}
    return {path for path in found if not {".terraform", "node_modules"} & set(path.parts)}


def _member_of(package: str, member: str) -> bytes:
    """Return a file of an npm package. Raises ValueError if the package is another one than was pinned."""
    folder = BUILT / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{package}.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm is missing: install Node 20")
        packed = subprocess.run(
            [npm, "pack", "--silent", "--json", package], cwd=folder, check=True, capture_output=True, text=True
        )
        (folder / json.loads(packed.stdout)[0]["filename"]).rename(archive)
    content = archive.read_bytes()
    checksum = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if checksum != CHECKSUMS[package]:
        raise ValueError(f"{package} has the checksum {checksum}")
    with tarfile.open(fileobj=io.BytesIO(content)) as files:
        found = files.extractfile(f"package/{member}")
        assert found is not None
        return found.read()


if __name__ == "__main__":
    build()
