"""Every shell block of the documentation is run by tests/e2e/test_pages.py, or says why not."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.fixtures.docs.shell_blocks import OTHERS, REASONS, SHELL, STARTS_WITH, Block, blocks, languages, pages, session
from tests.fixtures.openapi_document import ROOT

BLOCKS = [block for page in pages() for block in blocks(page)]
A_COMMAND = re.compile(r"(\$ |\./\w|curl |gcloud |python3? |make |export |terraform |npm |docker )")


def test_every_block_says_what_it_is() -> None:
    """A block of commands without a language would be passed over; `text` is for what is no command."""
    unknown = [
        f"{page.relative_to(ROOT)}:{line}"
        for page in pages()
        for line, language, text in languages(page)
        if language not in (*SHELL, *OTHERS) and (language or A_COMMAND.match(text))
    ]
    assert unknown == []


def test_no_commands_hide_in_indented_text() -> None:
    hidden = [
        f"{page.relative_to(ROOT)}: {line.strip()}"
        for page in pages()
        for line in re.sub(
            r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        ).splitlines()
        if re.match(r" {4,}([A-Z_]+=\S+ )*(\./emulator|curl |gcloud |python3? |make |terraform )", line)
    ]
    assert hidden == []


def test_what_is_not_run_says_why_and_the_reasons_are_few() -> None:
    """A new block that cannot be run changes a number here, so that somebody looks at it."""
    assert Counter(block.not_run for block in BLOCKS if block.not_run) == {
        "a real project": 19,
        "CI runs it": 2,
        "runs until it is stopped": 2,
        "takes a quarter of an hour": 1,
        "other projects": 2,
        "it publishes": 1,
    }
    assert {block.not_run for block in BLOCKS if block.not_run} == REASONS.keys()


def test_most_are_run() -> None:
    assert sum(len(session(page)) for page in pages()) >= 20


def test_what_ci_runs_itself_stands_in_its_script() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    script = {line.partition(" 2>&1")[0] for line in lines}  # what it prints may go to a file, too
    for block in BLOCKS:
        if block.not_run == "CI runs it":
            assert [line for line in block.text.splitlines() if line not in script] == [], block.place


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.not_run == "a real project"], ids=lambda block: block.place
)
def test_what_needs_a_real_project_really_does(block: Block) -> None:
    assert re.search(r"gcloud |bq |terraform |--project |googleapis\.com|TF_VAR_", block.text)
    assert "emulator.sh" not in block.text


def test_other_projects_are_fetched_by_one_page_alone() -> None:
    fetching = [block for block in BLOCKS if block.not_run == "other projects"]
    assert {block.page for block in fetching} == {"bench/peers/README.md"}
    assert all(re.search(r"git clone |npm install ", block.text) for block in fetching)


def test_a_server_is_started_so_by_a_test() -> None:
    for block in BLOCKS:
        if block.not_run == "runs until it is stopped":
            module = re.search(r"python -m ([\w.]+)", block.text)
            assert module
            assert any(module[1] in fixture.read_text(encoding="utf-8") for fixture in (ROOT / "tests/fixtures").glob("*.py"))


def test_pages_start_with_pages_that_there_are() -> None:
    for page in pages():
        for start in STARTS_WITH.findall(page.read_text(encoding="utf-8")):
            assert blocks(ROOT / start)[0].not_run is None


def test_every_comment_belongs_to_a_block() -> None:
    """A comment with a sentence or a heading between it and the block would be lost."""
    for page in pages():
        written = re.findall(r"^ *<!-- (?:not run|shows|comes to show): ", page.read_text(encoding="utf-8"), re.MULTILINE)
        heard = [block for block in blocks(page) if block.not_run or block.shows]
        assert len(written) == len(heard), page
