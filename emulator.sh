#!/usr/bin/env bash
# Runs all of Reelgate on this machine: ./emulator.sh --help
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$root"

for python in "${REELGATE_PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 none; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi
done
if [[ $python == none ]]; then
  echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv, brew install python, or https://www.python.org" >&2
  exit 1
fi

"$python" emulator/supervisor/virtual_environment.py
exec .venv/bin/python -m emulator "$@"
