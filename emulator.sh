#!/usr/bin/env bash
# Runs all of Reelgate on this machine: ./emulator.sh --help
set -euo pipefail
shopt -s nullglob

# Else each process compiles all modules at each start; images of containers often set it.
unset PYTHONDONTWRITEBYTECODE

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$root"

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }

# Prints the first Python that is new enough: the one that .venv was made with (pyenv's shims on the PATH take longer to ask
# than most commands to run), the functions' own version, then what the shell finds, then what pyenv and uv have installed
# without putting it on the PATH.
find_python() {
  local candidate pyenv="${PYENV_ROOT:-$HOME/.pyenv}" uv="${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"
  if [[ -r .venv/pyvenv.cfg && $(<.venv/pyvenv.cfg) =~ executable\ =\ ([^$'\n']+) ]] && works "${BASH_REMATCH[1]}"; then
    echo "${BASH_REMATCH[1]}"
    return
  fi
  for candidate in python3.13 python3 python3.14 python3.12 \
    "$pyenv"/versions/3.1{3,4,2}*/bin/python "$uv"/cpython-3.1{3,4,2}*/bin/python3; do
    if works "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

if [[ -n ${REELGATE_PYTHON:-} ]]; then
  if ! works "$REELGATE_PYTHON"; then
    echo "REELGATE_PYTHON is $REELGATE_PYTHON, which is not Python 3.12 or newer. Unset it, or set it to another Python." >&2
    exit 1
  fi
  python="$REELGATE_PYTHON"
elif ! python="$(find_python)"; then
  echo "Python 3.12 or newer is needed (3.13 is what the functions run on); none is on the PATH, in pyenv or in uv. Install one:" >&2
  echo "  pyenv install 3.13, uv python install 3.13, brew install python@3.13, or https://www.python.org" >&2
  echo "or name one: REELGATE_PYTHON=/path/to/python3.13 ./emulator.sh ..." >&2
  exit 1
fi

"$python" localcloud/supervisor/virtual_environment.py
exec .venv/bin/python -m localcloud "$@"
