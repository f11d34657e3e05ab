#!/usr/bin/env bash
# Builds the image of Dockerfile and asks in it what ./emulator.sh asks for. Without a container engine it says so, and is no failure.
set -euo pipefail
cd "$(dirname "$0")/.."

for engine in docker podman; do
  if "$engine" info >/dev/null 2>&1; then
    "$engine" build --quiet --tag reelgate .
    # By the modules of the local cloud themselves, which need nothing installed for this.
    "$engine" run --rm --volume "$PWD:/work:ro" reelgate python3 -B -c '
import shutil, sys
from localcloud.supervisor.npm_packages import check_node
from localcloud.supervisor.services.google_emulators import missing
assert sys.version_info[:2] == (3, 13), sys.version
check_node("the local cloud")
lacking = [*missing(), *(name for name in ("chromium", "curl", "ffmpeg", "git", "make") if not shutil.which(name))]
assert not lacking, lacking
import ensurepip, venv'
    echo "The image has all that the local cloud and its tests need."
    exit
  fi
done
echo "THE IMAGE IS NOT BUILT: no container engine (docker or podman) runs here."
