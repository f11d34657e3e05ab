"""What becomes of snapshots when nothing answers, when there are many, and when a part starts again."""

import json
from pathlib import Path

import pytest

from localcloud.supervisor.commands.start_stop import resumption
from localcloud.supervisor.ports import find_free_base
from localcloud.supervisor.services.snapshots import FIRESTORE, KEPT, METADATA, USERS, SnapshotError, Snapshots
from localcloud.supervisor.state.folder import StateFolder


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def snapshots(tmp_path: Path, said: list[str]) -> Snapshots:
    """Snapshots of a cloud of which nothing runs, with one that a run before has left."""
    made = Snapshots(StateFolder(find_free_base(), tmp_path), said.append)
    made.begin()
    made.take([])
    left = made.newest()
    assert left
    (left / FIRESTORE).mkdir()
    (left / FIRESTORE / METADATA).write_text("books")
    (left / USERS).write_text("[]")
    made.end()
    return made


@pytest.mark.parametrize("name", ["auth", "firestore"])
def test_what_does_not_answer_cannot_be_saved_and_what_was_saved_stays(snapshots: Snapshots, name: str) -> None:
    before = snapshots.newest()
    with pytest.raises(SnapshotError, match="could not be saved"):
        snapshots.take([name])
    assert snapshots.newest() == before
    assert snapshots.firestore_arguments()[-1] == str(before / FIRESTORE / METADATA)  # type: ignore[operator]


def test_the_last_ones_are_kept_with_all_that_they_had(snapshots: Snapshots) -> None:
    for _ in range(12):
        snapshots.take([])
    kept = sorted(path.name for path in snapshots.folder.iterdir() if path.is_dir())
    assert kept == ["000012", "000013"]
    assert len(kept) == KEPT
    newest = snapshots.newest()
    assert newest == snapshots.folder / "000013"
    assert (newest / FIRESTORE / METADATA).read_text() == "books"
    assert snapshots.auth_arguments() == (str(newest / USERS),)


def test_the_first_start_is_quiet_and_each_other_says_what_it_begins_with(snapshots: Snapshots, said: list[str]) -> None:
    snapshots.auth_arguments()
    snapshots.firestore_arguments()
    assert said == []
    snapshots.firestore_arguments()
    [line] = said
    assert line.startswith("firestore begins again with what was saved at 20")


def test_a_start_says_whose_users_and_books_it_begins_with(snapshots: Snapshots, tmp_path: Path) -> None:
    assert len(resumption(snapshots, StateFolder(1, snapshots.folder.parent))) == 1
    snapshots.begin()  # and then it is killed
    assert "ended without saving" in resumption(snapshots, StateFolder(1, snapshots.folder.parent))[0]
    snapshots.end()
    assert "ended without saving" not in resumption(snapshots, StateFolder(1, snapshots.folder.parent))[0]
    never = Snapshots(StateFolder(1, tmp_path / "never"), print)
    assert resumption(never, StateFolder(1, never.folder.parent)) == []
    assert never.firestore_arguments() == never.auth_arguments() == ()


def test_an_answer_that_cannot_be_read_ends_one_saving_and_not_the_next_ones(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor goes on after a SnapshotError; any other would end its saving for good, and nobody would know."""
    before = snapshots.newest()
    monkeypatch.setattr("localcloud.supervisor.services.snapshots.exported_users", lambda *_: json.loads("<html>"))
    with pytest.raises(SnapshotError, match="could not be saved"):
        snapshots.take(["auth"])
    assert snapshots.newest() == before
