"""`python -m localcloud.mail --port P --smtp-port Q --config FILE`."""

import argparse
import json
from pathlib import Path

import uvloop

from localcloud.mail.server import running
from localcloud.serving import HOST, until_stopped


async def serve(port: int, smtp_port: int, secret: str) -> None:
    """Take mails and webhooks until SIGTERM or SIGINT."""
    async with running(port=port, smtp_port=smtp_port, secret=secret) as (bound, bound_smtp):
        print(f"mail: http://{HOST}:{bound}, smtp on port {bound_smtp}", flush=True)
        await until_stopped()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.mail", description="Catches mails and webhooks.")
    parser.add_argument("--port", type=int, required=True, help="of the HTTP view and the webhook receiver")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--config", type=Path, required=True, help='JSON: {"webhook_secret": "whsec_..."}')
    arguments = parser.parse_args()
    secret = json.loads(arguments.config.read_text())["webhook_secret"]
    uvloop.run(serve(arguments.port, arguments.smtp_port, secret))


if __name__ == "__main__":
    main()
