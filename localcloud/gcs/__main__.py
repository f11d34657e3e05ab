"""python -m localcloud.gcs --host 127.0.0.1 --port 8081 --data DIR [--config FILE.json]"""

import argparse
import asyncio
import logging
import os
from pathlib import Path

from localcloud.gcs.admin.settings import read_settings
from localcloud.gcs.server import serve


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.gcs", description="A local Cloud Storage.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder for objects and metadata; made if missing")
    parser.add_argument("--config", type=Path, help="JSON file with buckets, hmac_keys, rsa_keys")
    arguments = parser.parse_args()
    if os.environ.get("K_SERVICE"):
        parser.error("K_SERVICE is set: this is Google Cloud. This server accepts unsigned writes and never runs there.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = read_settings(arguments.config) if arguments.config else {}
    asyncio.run(serve(arguments.host, arguments.port, arguments.data, settings))


if __name__ == "__main__":
    main()
