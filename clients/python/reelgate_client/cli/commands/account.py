"""Signing in and out."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.cli.command import command
from reelgate_client.cli.context import RETRIES, Cli, is_open_to_listeners, plain_url
from reelgate_client.core.local_files import local_error
from reelgate_client.errors import NotSignedIn


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "login", examples=_LOGIN)(login)
    command(app, "logout", examples="reelgate logout")(logout)
    command(app, "whoami", examples="reelgate whoami --json")(whoami)


_LOGIN = """
reelgate login --url https://api.example.com ada@example.org
reelgate login --api-key < key.txt
"""


async def login(
    cli: Cli,
    name: Annotated[str | None, typer.Argument(help="Your e-mail address or user name. By default it is asked for.")] = None,
    api_key: Annotated[bool, typer.Option("--api-key", help="Sign in with an API key instead of a password.")] = False,
) -> None:
    """Sign in on this machine.

    The password is asked for, or read from stdin, and is not kept. What is kept, in ~/.local/state/reelgate/session.json
    (mode 0600; XDG_STATE_HOME moves it), is the token of the sign-in, or with --api-key the key.

    In CI, set REELGATE_URL and REELGATE_API_KEY instead: then nothing is written.
    """
    url = plain_url(cli.url or cli.environment.get("REELGATE_URL") or cli.sign_ins.url() or _ask("URL of the deployment: "))
    if is_open_to_listeners(url):
        cli.output.warn(f"{url} is not encrypted: others on the network can read what you send.")
    if api_key:
        await _with_key(cli, url, _ask_secret("API key: "))
        return
    name = name or _ask("E-mail address or user name: ")
    by_name = {"email": name} if "@" in name else {"username": name}
    async with cli.signing_in(url) as client:
        tokens = await client.auth.sign_in(_ask_secret("Password: "), **by_name)
    if cli.sign_ins.session(url) is None:
        raise local_error(OSError("it cannot be written"), cli.sign_ins.path)
    _prefer(cli, url)
    cli.output.result(tokens.user, f"Signed in to {url} as {tokens.user.email or tokens.user.user_id}.")


async def logout(cli: Cli) -> None:
    """Forget the sign-in of this machine.

    The sign-in itself is not revoked: to end it on all machines at once, change your password.
    """
    url = cli.deployment()
    was_there = cli.sign_ins.forget(url)
    text = f"Signed out of {url}." if was_there else f"You were not signed in to {url}."
    cli.output.result({"url": url, "signed_out": was_there}, text)


async def whoami(cli: Cli) -> None:
    """Show who is signed in, and where."""
    async with cli.client() as client:
        me = await client.me.get()
    role = f", {me.role}" if me.role else ""
    cli.output.result(me, f"{me.email or me.user_id}{role} at {cli.deployment()}")


async def _with_key(cli: Cli, url: str, key: str) -> None:
    async with AsyncReelgate(url, api_key=key, retries=RETRIES, transport=cli.transport) as client:
        me = await client.me.get()
    try:
        cli.sign_ins.keep_api_key(url, key)
    except OSError as error:
        raise local_error(error, cli.sign_ins.path) from error
    _prefer(cli, url)
    cli.output.result(me, f"Signed in to {url} with a key of {me.email or me.user_id}.")


def _prefer(cli: Cli, url: str) -> None:
    try:
        cli.sign_ins.prefer(url)
    except OSError as error:
        raise local_error(error, cli.sign_ins.path) from error


def _ask(question: str) -> str:
    answer = input(question) if sys.stdin.isatty() else sys.stdin.readline()
    if not answer.strip():
        raise NotSignedIn("signed_out", f"Nothing was given for '{question.strip(': ')}'.")
    return answer.strip()


def _ask_secret(question: str) -> str:
    """Ask without showing what is typed; from a pipe, read a line."""
    answer = getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()
    answer = answer.rstrip("\r\n")
    if not answer:
        raise NotSignedIn("signed_out", f"Nothing was given for '{question.strip(': ')}'.")
    return answer
