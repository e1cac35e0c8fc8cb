"""`autograder publish`: what was told is kept, and a mark only rises afterwards."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from autograder.desk.publishing import changes_since, publish
from autograder.errors import UsageError
from autograder.results.published import read_published
from autograder.results.store import Store
from tests.autograder.desk.test_voiding import run, scores
from tests.autograder.results.decided_support import CORE, CORNER, SECOND, a_class, judged, manifest_of_tests
from tests.autograder.results.marks_support import answered

M, WITH_WORDS = manifest_of_tests(), manifest_of_tests(with_words=True)
HEAD = "student,task,points,reason,by\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return a_class(tmp_path, judged("anna", (CORNER,)), judged("boris", (CORE,)))


def decide(store: Store, *lines: str) -> None:
    (store.out / "overrides.csv").write_text(HEAD + "".join(f"{line},why,ta\n" for line in lines))


def test_it_keeps_what_was_told(store: Store) -> None:
    done = run("publish", store.out)
    assert done.returncode == 0, done.stderr
    assert "Published: 2 students" in done.stdout
    kept = json.loads((store.out / "published.json").read_text())
    assert kept["anna"]["score"] == 13
    assert kept["anna"]["tasks"] == {"A1": 9, "B1": 4}
    assert changes_since(store, M) == []


def test_marks_only_rise_unless_lower_ones_are_allowed(store: Store) -> None:
    publish(store, M)
    decide(store, "anna,A1,2", "boris,A1,10")
    store.save_scores(M)
    assert scores(store.out) == {"anna": 13, "boris": 14}
    assert changes_since(store, M) == [
        "2 students changed since the marks were published; `autograder publish` tells it:",
        "  anna: 13 → 6, stays as it was told (A1 9 → 2)",
        "  boris: 8 → 14 (A1 4 → 10)",
    ]
    done = run("publish", store.out)
    assert (
        "1 would be lower and stay as they were told: anna; --allow-lower tells all of them less"
        in done.stdout
    )
    assert (scores(store.out), read_published(store.out)["anna"].score) == ({"anna": 13, "boris": 14}, 13)
    done = run("publish", store.out, "--allow-lower")
    assert "  anna: 13 → 6\n1 are told less than before: anna\n" in done.stdout
    assert "stays as it was told" not in done.stdout
    assert (scores(store.out), read_published(store.out)["anna"].score) == ({"anna": 6, "boris": 14}, 6)
    assert changes_since(store, M) == []


def test_the_moment_of_what_was_told_stays(store: Store) -> None:
    publish(store, M)
    first = read_published(store.out)
    decide(store, "boris,A1,10")
    publish(store, M)
    second = read_published(store.out)
    assert second["anna"] == first["anna"]
    assert second["boris"].at > first["boris"].at


def test_only_who_is_named_is_told_and_the_others_stay(store: Store) -> None:
    publish(store, M)
    first = read_published(store.out)
    decide(store, "anna,A1,10", "boris,A1,10")
    store.save(judged("vera").model_copy(update={"needs_staff": True, "status": "partial"}))
    done = run("publish", store.out, "--student", "boris")
    assert done.returncode == 0, "vera's verdict is not waited for: " + done.stderr
    assert "Published: 1 student," in done.stdout
    told = read_published(store.out)
    assert (told["anna"], told["boris"].score, "vera" in told) == (first["anna"], 14, False)
    refused = run("publish", store.out, "--student", "anna", "--student", "zed")
    assert (refused.returncode, read_published(store.out)) == (2, told)
    assert "there is no result of zed; write each name as in scores.csv" in refused.stderr
    both = run("publish", store.out, "--student", "anna", "--student", "vera", "--anyway")
    assert "Published: 2 students" in both.stdout
    assert set(read_published(store.out)) == {"anna", "boris", "vera"}


def test_who_came_later_is_named(store: Store) -> None:
    publish(store, M)
    store.save(judged("vera"))
    assert changes_since(store, M)[1:] == ["  vera: 14, was told nothing yet"]


def test_a_random_course_of_decisions_never_lowers_a_mark(store: Store) -> None:
    """Whatever people decide and however often they publish."""
    chance = random.Random(5)
    publish(store, M)
    before = {one.grade.student: one.score for one in store.marked(M)}
    for _ in range(60):
        decide(store, *(f"{name},A1,{chance.randint(0, 10)}" for name in before))
        voids = chance.sample([CORE, SECOND], chance.randint(0, 2))
        lines = "".join(f"{test},{chance.choice(['full', 'drop'])},a,b\n" for test in voids)
        (store.out / "voids.csv").write_text("test,as,reason,by\n" + lines)
        if chance.random() < 0.5:
            publish(store, M)
        told = read_published(store.out)
        for one in store.marked(M):
            assert one.score >= told[one.grade.student].score >= before[one.grade.student]
        before = {name: one.score for name, one in told.items()}


def test_it_refuses_while_marks_await_a_hand_or_a_verdict_is_missing(tmp_path: Path) -> None:
    store = a_class(tmp_path, answered("anna", filter="An edge."), judged("boris"))
    with pytest.raises(UsageError, match="marks by hand await anna"):
        publish(store, WITH_WORDS)
    store.save(judged("vera").model_copy(update={"needs_staff": True, "status": "partial"}))
    with pytest.raises(UsageError, match="marks by hand await anna; verdicts are missing of vera"):
        publish(store, WITH_WORDS)
    assert not (tmp_path / "published.json").exists()
    publish(store, WITH_WORDS, anyway=True)
    assert read_published(tmp_path)["anna"].tasks["W"] is None


def test_it_refuses_while_a_result_cannot_be_read(store: Store) -> None:
    publish(store, M)
    told = (store.out / "published.json").read_bytes()
    store.result_path("anna").write_text("{")
    done = run("publish", store.out)
    assert done.returncode == 2
    assert "not published: results cannot be read of anna. Finish that" in done.stderr
    assert (store.out / "published.json").read_bytes() == told
    store.result_path("boris").unlink()
    with pytest.raises(UsageError, match="results cannot be read of anna"):
        publish(store, M)


@pytest.mark.parametrize("is_damaged", [True, False])
@pytest.mark.parametrize("lower", [False, True])
def test_what_was_told_stays_of_whom_nothing_can_be_read(store: Store, is_damaged: bool, lower: bool) -> None:
    """Published meanwhile, the mark does not fall when the result is back."""
    publish(store, M)
    told, whole = read_published(store.out)["anna"], store.result_path("anna").read_bytes()
    store.result_path("anna").unlink()
    if is_damaged:
        store.result_path("anna").write_bytes(whole[:99])
    lines = publish(store, M, lower=lower, anyway=is_damaged)
    assert lines[0].startswith("Published: 1 student,")
    assert lines[-1] == "no result of anna can be read, so nothing new is told; what was told stays"
    assert read_published(store.out)["anna"] == told
    store.result_path("anna").write_bytes(whole)
    decide(store, "anna,A1,1")
    store.save_scores(M)
    assert scores(store.out)["anna"] == told.score == 13
    assert changes_since(store, M)[1:] == ["  anna: 13 → 5, stays as it was told (A1 9 → 1)"]


def test_a_damaged_file_is_told_and_not_overwritten(store: Store) -> None:
    (store.out / "published.json").write_text("{")
    done = run("publish", store.out)
    assert done.returncode == 2
    assert "published.json cannot be read: take it from a backup" in done.stderr
    assert (store.out / "published.json").read_text() == "{"
