"""How a command of `python -m ops` ends when Google Cloud cannot be asked."""

from __future__ import annotations

import argparse
from types import SimpleNamespace

import pytest
from google.api_core.exceptions import NotFound
from google.auth.exceptions import DefaultCredentialsError

from ops import __main__ as operations


def failing(problem: Exception) -> SimpleNamespace:
    """Return a command that fails with this problem."""

    async def run(_: argparse.Namespace) -> int:
        raise problem

    return SimpleNamespace(__doc__="`books`: fails", add_arguments=lambda _: None, run=run)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (DefaultCredentialsError("Your default credentials were not found."), "gcloud auth application-default login"),
        (NotFound("The database (default) does not exist for project nope"), "does not exist for project nope"),
    ],
)
def test_it_says_so_in_a_sentence(
    problem: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(operations.COMMANDS, "books", failing(problem))  # type: ignore[arg-type]
    assert operations.main(["books", "--project", "nope"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert "Traceback" not in shown.err
