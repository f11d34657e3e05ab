"""Sign URLs with HMAC keys: `python -m ops.sign_faster make|rotate|finish --project PROJECT`.

make     a key for each signer that has none; then run terraform apply
rotate   a new key for each signer; then run terraform apply; the old ones continue to work
finish   remove the old ones, once no URL signed with them can be valid

Needs gcloud, signed in with the rights to manage HMAC keys (roles/storage.hmacKeyAdmin) and to add versions to the secrets
(roles/secretmanager.admin on them); `finish` also reads the functions (roles/cloudfunctions.viewer). No secret is printed,
written to a file, or visible in the list of processes.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.access.gcloud import Gcloud, GcloudFailed
from ops.sign_faster.hmac_key_file import CannotDo, KeyFile, working_directory_file
from ops.sign_faster.hmac_keys import HmacKeys

_NEXT = {
    "make": "Now: terraform apply.",
    "rotate": "Now: terraform apply. Then, when the last URL signed with the old keys has expired: finish.",
    "finish": "Done.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # raises, so that incomplete keys are removed
    keys = HmacKeys(Gcloud(given.project), given.prefix, KeyFile(given.file))
    try:
        if given.command == "finish":
            keys.finish(at_once=given.at_once)
        else:
            {"make": keys.make, "rotate": keys.rotate}[given.command]()
    except (GcloudFailed, CannotDo) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{given.file} contains the keys. {_NEXT[given.command]}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops.sign_faster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=sorted(_NEXT))
    parser.add_argument("--project", required=True, help="the Google Cloud project")
    parser.add_argument("--prefix", default="reelgate", help="Terraform's variable of that name")
    parser.add_argument(
        "--file", type=Path, default=working_directory_file(), help="Terraform variables to write (default: %(default)s)"
    )
    parser.add_argument("--at-once", action="store_true", help="finish: invalidate the old keys' URLs now (after a leak)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
