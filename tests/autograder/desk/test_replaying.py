"""`autograder replay` and `appeal` with the real command on a graded class."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.autograder.desk.test_voiding import scores
from tests.autograder.desk.toy_class import RIGHT, graded, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return graded(tmp_path_factory.mktemp("class"))


def numbers(text: str) -> str:
    """What a replay says of inputs and answers."""
    return text[text.index("request 1:") : text.index("largest difference")]


def test_a_replay_has_the_same_numbers_again_and_says_what_is_right(out: Path) -> None:
    first = run(out.parent, "replay", "out", "anna", "test_mean")
    assert first.returncode == 0, first.stderr
    assert "test_p1.py::test_mean of anna: failed" in first.stdout
    assert "1. global_mean(x): differs" in first.stdout
    for part in ("got", "expected", "got − expected", "largest difference: "):
        assert part in first.stdout
    second = run(out.parent, "replay", "out", "anna", "test_p1.py::test_mean")
    assert numbers(second.stdout) == numbers(first.stdout)
    page = (out / "replay" / "anna-test_p1-test_mean.html").read_text("utf-8")
    assert page.count("<figure>") == 4, "the input, got, expected, and the difference"
    assert 'class="differs"' in page
    assert "this page holds hidden data" in page
    assert "<script" not in page


def test_the_sum_is_the_mean_times_the_number_of_values(out: Path) -> None:
    """Got and expected are those of one input: anna sums over maps of four numbers, or of more."""
    text = run(out.parent, "replay", "out", "anna", "test_mean").stdout
    height, width = map(int, re.findall(r"\n\(\d+, \d+, (\d+), (\d+)\)", text)[0])
    got, expected = _both(text)
    assert got == pytest.approx([height * width * number for number in expected], rel=2e-3)


def _both(text: str) -> tuple[list[float], list[float]]:
    lines = text[text.index("got") : text.index("What stands")].splitlines()
    rows = [[float(number) for number in re.findall(r"\[\s*(-?[\d.]+)\]", line)] for line in lines]
    found = [row for row in rows if row]
    half = len(found[0]) // 2
    return [number for row in found for number in row[:half]], [
        number for row in found for number in row[half:]
    ]


def test_a_passed_test_is_right_everywhere(out: Path) -> None:
    done = run(out.parent, "replay", "out", "boris", "test_mean")
    assert "of boris: passed" in done.stdout
    assert "differs" not in done.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("anna", "test_none"), "there is no hidden test 'test_none'"),
        (("ana", "test_mean"), "did you mean 'anna'?"),
        (("vera", "test_mean"), "task P1 is not written yet"),
        (("zoe", "test_mean"), "holds nothing of zoe"),
        (("anna", "test_mean", "--key", "other.key"), "another course key than the one of the grade"),
    ],
)
def test_what_cannot_be_replayed_is_told(out: Path, args: tuple[str, ...], said: str) -> None:
    (out.parent / "other.key").write_text("0" * 64)
    done = run(out.parent, "replay", "out", *args)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr


def test_a_replay_changes_nothing_that_counts(out: Path) -> None:
    kept = {path: path.read_bytes() for path in [*(out / "results").iterdir(), out / "scores.csv"]}
    assert run(out.parent, "replay", "out", "anna", "test_mean").returncode == 0
    assert {path: path.read_bytes() for path in kept} == kept


def test_an_appeal_has_all_that_made_the_mark_and_the_line_that_changes_it(tmp_path: Path) -> None:
    out = graded(tmp_path)
    done = run(tmp_path, "appeal", "out", "anna")
    assert done.returncode == 0, done.stderr
    page = (out / "appeal" / "anna.html").read_text("utf-8")
    manifest = json.loads((out / "assignment.json").read_text())
    for test in manifest["tasks"][0]["tests"]:
        assert test["sentence"]["en"] in page
        assert f"autograder replay out anna {test['id']}" in page
    for said in (
        "Probable cause",
        "# &lt;script&gt;alert(1)",
        "<figure>",
        "solution.py, line 1",
    ):
        assert said in page
    assert "<script" not in page
    header = re.search(r"first line of the file is ([a-z,]+)\)", page)
    line = re.search(r"\nanna,P1,.*|>anna,P1,.*", page)
    assert header is not None
    assert line is not None
    (row,) = csv.DictReader(io.StringIO(f"{header[1]}\n{line[0].strip('>').strip()}\n"))
    row |= {"points": "4.5", "reason": "a <b>reason</b>", "by": "ta"}
    (out / "overrides.csv").write_text(f"{header[1]}\n{','.join(row.values())}\n")
    assert run(tmp_path, "report", "out").returncode == 0
    assert scores(out)["anna"] == 4.5
    assert run(tmp_path, "publish", "out").returncode == 0
    (out / "overrides.csv").write_text(f"{header[1]}\nanna,P1,1,less,ta\n")
    run(tmp_path, "appeal", "out", "anna", "--lang", "ru")
    page = (out / "appeal" / "anna.html").read_text("utf-8")
    assert "Решение преподавателя: 1 из 5. less (ta)" in page
    assert "не опускается ниже объявленной" in page
    assert "<b>4,5 из 5</b>" in page
    for student in ("boris", "vera", "zoe"):
        assert not re.search(rf"\b{student}\b", page), "nobody else is on it"
        assert run(tmp_path, "appeal", "out", student).returncode == 0


def test_an_appeal_says_when_the_code_is_gone_or_another_one(tmp_path: Path) -> None:
    out = graded(tmp_path)
    path = tmp_path / "submissions" / "anna" / "solution.py"
    path.write_text("# new\n" + RIGHT)
    run(tmp_path, "appeal", "out", "anna")
    assert "has changed since it was graded" in (out / "appeal" / "anna.html").read_text("utf-8")
    (tmp_path / "submissions").rename(tmp_path / "moved")
    run(tmp_path, "appeal", "out", "anna")
    assert "The code could not be read" in (out / "appeal" / "anna.html").read_text("utf-8")
    run(tmp_path, "appeal", "out", "anna", "--submissions", "moved")
    page = (out / "appeal" / "anna.html").read_text("utf-8")
    assert "solution.py, line 2" in page
    assert run(tmp_path, "appeal", "out", "ana").returncode == 2


def test_an_appeal_lists_earlier_attempts(tmp_path: Path) -> None:
    out = graded(tmp_path)
    grade = json.loads((out / "results" / "anna.json").read_text())
    (out / "attempts" / "anna").mkdir(parents=True)
    (out / "attempts" / "anna" / "1.json").write_text(json.dumps(grade | {"score": 1.5}))
    (out / "attempts" / "anna" / "1-2.json").write_text("damaged")
    (out / "results" / "anna.json").write_text(json.dumps(grade | {"attempt": 2}))
    assert run(tmp_path, "appeal", "out", "anna").returncode == 0
    page = (out / "appeal" / "anna.html").read_text("utf-8")
    assert re.findall(r"<li>attempt (\d) · [^·]* · ([\d.]+) · graded", page) == [("1", "1.5"), ("2", "0")]
