"""Submissions that try to carry ten hidden numbers out of a hidden call, and what arrives.

Each attack is handed in by two students, who meet different hidden numbers: what their results have in common cannot
depend on a hidden number. The numbers are known here (the course key is), so results and pages are searched for them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.course.manifest import load_manifest
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.salts import make_salt
from autograder.grading.verdicts.ends import LARGEST_POWER, LEAST_POWER, OTHER_ERROR
from autograder.remote.student import Student
from autograder.remote.transcript import Transcript
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from tests.autograder.grading_support import ROOT, grade, hand_in, results, task

pytestmark = pytest.mark.slow

KEY = "a course key for the tests of channels"
START = """
import os, sys, time, torch
import torch.nn.functional as F
from torch import nn

def numbers(x):
    return x.flatten()[:10].tolist()

def text(x):
    return " ".join(f"{number:.8f}" for number in numbers(x))

def digit(x):
    return int(abs(numbers(x)[0]) * 1e4) % 10
"""
PLACES = """
import hw_cnn

PLACES = [os.path.join(folder, "kept") for folder in
          (".", "..", "/tmp", "/dev/shm", "/var/tmp", os.path.dirname(hw_cnn.__file__))]

def kept():
    found = []
    for place in PLACES:
        try:
            found.append(open(place).read())
        except OSError:
            pass
    return " ".join([*found, os.environ.get("KEPT", ""), *getattr(torch, "kept", [])]).strip()

def keep(said):
    for place in PLACES:
        try:
            open(place, "a").write(said)
        except OSError:
            pass
    os.environ["KEPT"] = said
    torch.kept = [said]
"""
# name -> what stands in `conv2d(x, weight, bias=None, stride=1, padding=0)`.
IN_CONV2D = {
    "text": "raise ValueError(text(x))",
    "type_name": "raise type(text(x), (Exception,), {})(text(x))",
    "builtin_type_with_names": "error = NameError(text(x)); error.name = text(x); raise error",
    "module_name": "raise ModuleNotFoundError(text(x), name=text(x))",
    "file_name": "raise FileNotFoundError(2, text(x), text(x))",
    "not_implemented": "said = text(x)\n    raise NotImplementedError(said)",
    "function_names": "exec(f'def n{digit(x)}(): raise ValueError(1)\\nn{digit(x)}()')",
    "got": "return torch.tensor(numbers(x))",
    "got_type": "return type(text(x), (), {})()",
    "got_text": "return text(x)",
    "got_shape": "return torch.zeros(*[int(abs(n) * 1e4) % 50 for n in numbers(x)][:8])",
    "exit_code": "os._exit(int(abs(numbers(x)[0]) * 1e4) % 256)",
    "signal": "import signal\n    signal.raise_signal(34 + int(abs(numbers(x)[0]) * 1e4) % 30)",
    "half_an_answer": "os.write(1, text(x).encode()); os.closerange(3, 30); time.sleep(0.1)",
    "own_error_frame": (
        "sys.modules['autograder.sandbox.runner.executor'].describe = lambda *_: "
        "{'type': text(x), 'text': text(x), 'name': text(x), 'file': text(x), 'line': digit(x) + 31415, "
        "'last_line': digit(x) + 31415, 'message': text(x)}; raise ValueError(text(x))"
    ),
    "line_without_code": (
        "sys.modules['autograder.sandbox.runner.executor'].describe = lambda *_: "
        "{'type': 'ValueError', 'text': '', 'file': 'solution.py', 'last_line': 10000 + digit(x)}; raise ValueError"
    ),
    "length_of_answer": (
        "sys.modules['autograder.wire.channel'].encode = lambda *_, **__: "
        "[memoryview((10**9 + digit(x)).to_bytes(8, 'little') + b'{}')]"
    ),
}
KEEPING = "said = kept()\n    keep(text(x))\n    raise ValueError(said or 'nothing was kept')"
CLASS = """
class SeminarCNN(nn.Module):
    def __new__(cls, *_, **__):
        named = type(getattr(torch, "seen", "first"), (nn.Module,), {"forward": forward})
        net = nn.Module.__new__(named)
        nn.Module.__init__(net)
        net.layer = nn.Linear(2, 2)
        return net

def forward(self, x):
    torch.seen = text(x)
    if os.environ.get("LEAVE"):
        os._exit(1)
    return x.flatten(1)[:, :10]
"""
PIXELS = """
class SeminarCNN(nn.Module):
    def __init__(self, **_):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        raise ValueError(" ".join(f"{number:.8f}" for number in x.sum((1, 2, 3))[:10].tolist()))

def train_seminar(digits, seed=0, accelerator="cpu"):
    return SeminarCNN().eval()
"""
# Here a difference between the two students may arrive: a power of ten, or a line of the source.
SIZE = "return F.conv2d(x, weight, bias, stride, padding) + 10.0 ** (digit(x) - 3)"
LINES = "\n".join(
    ["if digit(x) < 0: pass", *(f"    if digit(x) == {n}:\n        raise ValueError" for n in range(10))]
)
ATTACKS = {
    **IN_CONV2D,
    "kept_for_the_example": KEEPING,
    "sleeping": "time.sleep(digit(x) / 100)\n    raise ValueError",
    "size": SIZE,
    "lines": LINES,
}
LETTERS = ("a", "b")


def solution(name: str) -> str:
    body = ATTACKS[name]
    places = PLACES if body == KEEPING else ""
    return f"{START}{places}\ndef conv2d(x, weight, bias=None, stride=1, padding=0):\n    {body}\n"


class Graded:
    """The results of all attacks, and the hidden numbers that each student met."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for letter in LETTERS:
            for name in ATTACKS:
                hand_in(folder / "in", f"{name}_{letter}", solution=solution(name))
            hand_in(folder / "in", f"names_of_objects_{letter}", solution=START + CLASS)
        hand_in(folder / "in", "pixels", solution=START + PIXELS)
        (folder / "key").write_text(KEY)
        done = grade(folder / "in", folder / "out", "--key", str(folder / "key"), "--jobs", "1")
        assert done.returncode == 0, done.stderr
        self.results = results(folder / "out")

    def written(self, *paths: str) -> set[str]:
        """Numbers in files of the results, as the attacks write them."""
        texts = [(self.folder / "out" / path).read_text(encoding="utf-8") for path in paths]
        return {number for text in texts for number in re.findall(r"-?\d+\.\d{8}", text)}

    def pair(self, name: str) -> list[dict[str, Any]]:
        return [self.results[f"{name}_{letter}"] for letter in LETTERS]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return Graded(tmp_path_factory.mktemp("channels"))


def common(result: dict[str, Any], *more: str) -> dict[str, Any]:
    """What cannot differ by who handed in and when; examples are made without hidden numbers."""
    kept = json.loads(json.dumps(result))
    for key in ("student", "salt_id", "started_at", "submission_sha256", "submitted_at", "seconds"):
        del kept[key]
    for found in kept["tasks"]:
        for test in found["tests"]:
            for key in ("example", *more):
                test.pop(key)
    return kept


def hidden_numbers(student: str) -> list[str]:
    """The numbers that begin each image of a hidden test of F1, as the attacks write them."""
    folder = ROOT / "assignments" / "seminar_cnn"
    manifest, images = load_manifest(folder), []

    def told(test: str, failure: BaseException | None, transcript: Transcript) -> None:
        images.extend(turn.args[0] for turn in transcript.turns if turn.name == "conv2d")

    def serve(hidden: HiddenTests) -> None:
        symbols = [symbol for found in manifest.tasks for symbol in found.tops]
        reference = Student(lambda: InProcess(Executor()), symbols, manifest.limits)
        case = Case(manifest, reference, make_salt(KEY.encode(), manifest.name, student), "en", told)
        hidden.run(case, [test.id for test in manifest.task("F1").tests])

    serve_hidden_tests(folder, manifest, serve)
    assert len(images) > 30
    return [f"{number:.8f}" for image in images for number in image.flatten()[:10].tolist()]


def test_no_hidden_number_is_in_any_result_or_page(graded: Graded) -> None:
    in_results: set[str] = set()
    text = (graded.folder / "out" / "results" / "pixels.json").read_text(encoding="utf-8")
    for name in [*ATTACKS, "names_of_objects"]:
        for letter in LETTERS:
            student = f"{name}_{letter}"
            met = {number for number in hidden_numbers(student) if float(number)}
            assert len(met) > 200
            written = graded.written(f"results/{student}.json")
            assert met & written == set(), student
            in_results |= written
            text += (graded.folder / "out" / "results" / f"{student}.json").read_text(encoding="utf-8")
    assert len(in_results) > 10, "the examples show numbers of their own, small whole ones"
    # A long text is cut on the page, perhaps between a sign and its number, or in a number that the next one follows
    # without a gap: so these are looked for in the text of the results.
    out = graded.folder / "out"
    pages = [str(path.relative_to(out)) for path in (out / "report").rglob("*.html")]
    assert len(pages) > len(ATTACKS)
    shown = graded.written(*pages, "scores.csv") - in_results
    assert [number for number in shown if number.lstrip("0") not in text] == []


@pytest.mark.parametrize("name", [*IN_CONV2D, "kept_for_the_example", "sleeping", "names_of_objects"])
def test_what_arrives_does_not_depend_on_hidden_numbers(graded: Graded, name: str) -> None:
    one, other = graded.pair(name)
    if name in ("got", "got_shape"):  # a wrong size may be right by chance; powers of ten may differ
        one, other = common(one, "difference", "message"), common(other, "difference", "message")
    else:
        one, other = common(one), common(other)
    assert one == other
    assert one["needs_staff"] is False


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("text", "error", "ValueError (solution.py, line "),
        ("type_name", "error", OTHER_ERROR.en),
        ("builtin_type_with_names", "error", "NameError (solution.py, line "),
        ("module_name", "error", "the grader has numpy"),
        ("file_name", "error", "it was not handed in"),
        ("not_implemented", "error", "NotImplementedError (solution.py, line "),
        ("got_type", "type", "object of another type"),
        ("got_text", "type", "str"),
        ("exit_code", "crashed", "the process ended itself (os._exit or sys.exit)"),
        ("half_an_answer", "crashed", "ended"),
        ("own_error_frame", "error", OTHER_ERROR.en),
        ("line_without_code", "error", "ValueError"),
        ("length_of_answer", "crashed", "the answer cannot be read"),
        ("kept_for_the_example", "error", "ValueError (solution.py, line "),
    ],
)
def test_the_attack_ran_and_this_is_what_is_said(graded: Graded, name: str, kind: str, said: str) -> None:
    for result in graded.pair(name):
        first = task(result, "F1")["tests"][0]
        assert first["difference"]["kind"] == kind
        assert said in first["message"]


def test_a_signal_that_code_chooses_is_none_of_those_that_are_named(graded: Graded) -> None:
    """The first process of a namespace, as in tier A, does not even take them."""
    for result in graded.pair("signal"):
        first = task(result, "F1")["tests"][0]
        assert first["difference"]["kind"] in ("crashed", "type")
        assert not re.search(r"signal \d", first["message"])


def test_a_line_that_holds_no_code_is_not_named(graded: Graded) -> None:
    for name in ("own_error_frame", "line_without_code"):
        for result in graded.pair(name):
            for test in task(result, "F1")["tests"]:
                assert (test["difference"]["line"], test["difference"]["place"]) == (None, "")


def test_a_new_worker_has_kept_nothing_but_calls_of_the_examples(graded: Graded) -> None:
    for letter, result in zip(LETTERS, graded.pair("kept_for_the_example"), strict=True):
        told = [test["example"]["error"] for test in task(result, "F1")["tests"]]
        kept = {number for error in told for number in re.findall(r"-?\d+\.\d{8}", error)}
        assert len(kept) > 10
        assert kept & set(hidden_numbers(f"kept_for_the_example_{letter}")) == set()


def test_of_hidden_images_nothing_is_said_and_public_ones_take_their_place(graded: Graded) -> None:
    from hw_cnn.data import load_digits

    public = (load_digits("train")[0][:10, None].float() / 255).sum((1, 2, 3))
    found = task(graded.results["pixels"], "K3")["tests"]
    measured = next(test for test in found if test["id"].endswith("test_accuracy"))
    assert measured["difference"]["error"] == "ValueError"
    assert not re.search(r"\d\.\d{8}", measured["message"])
    written = re.findall(r"\d+\.\d{8}", measured["example"]["error"])
    assert written == [f"{number:.8f}" for number in public.tolist()]


def test_a_size_arrives_as_a_power_of_ten(graded: Graded) -> None:
    one, other = graded.pair("size")
    assert common(one, "difference", "message") == common(other, "difference", "message")
    for result in (one, other):
        found = [test["difference"] for test in task(result, "F1")["tests"]]
        powers = [
            difference["power"]
            for difference in found
            if difference is not None and difference["kind"] == "values"
        ]
        assert powers
        assert all(LEAST_POWER <= power <= LARGEST_POWER for power in powers)


def test_a_line_of_the_source_arrives(graded: Graded) -> None:
    """Which of ten lines raised: about three bits of a test that is lost, and of no more use than that."""
    source = solution("lines").split("\n")
    for result in graded.pair("lines"):
        for test in task(result, "F1")["tests"]:
            line = test["difference"]["line"]
            assert source[line - 1].strip() == "raise ValueError"


def test_seconds_have_two_digits_and_tests_have_none(graded: Graded) -> None:
    for result in graded.results.values():
        assert float(f"{result['seconds']:.2g}") == result["seconds"]
        for found in result["tasks"]:
            assert all("seconds" not in test for test in found["tests"])


def test_examples_are_the_same_on_a_resubmission(graded: Graded, tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "text_a", solution=solution("text") + "\n# once more\n")
    done = grade(tmp_path / "in", tmp_path / "out", "--key", str(graded.folder / "key"), "--jobs", "1")
    assert done.returncode == 0, done.stderr
    again = results(tmp_path / "out")["text_a"]
    assert again["submission_sha256"] != graded.results["text_a"]["submission_sha256"]
    assert [test["example"] for test in task(again, "F1")["tests"]] == [
        test["example"] for test in task(graded.results["text_a"], "F1")["tests"]
    ]
    other = [test["example"] for test in task(graded.results["text_b"], "F1")["tests"]]
    assert [test["example"] for test in task(again, "F1")["tests"]] != other
