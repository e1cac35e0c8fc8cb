"""What is loaded beside statements: own files, and several plans of one submission with a home for each task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from autograder.course.symbol import Symbol
from autograder.intake.load_plan import LoadPlan, Statement
from autograder.remote import loading
from autograder.remote.failures import StudentCrashed, StudentError
from autograder.remote.loading import Clock, Loaded, load, load_all
from autograder.remote.student import Student
from tests.autograder.remote.support import BIND, LOADED, Loader, piece
from tests.autograder.sandbox_support import LIMITS

pytest_plugins = ["tests.autograder.sandbox_support"]


def value(expression: str, *before: str) -> list[Statement]:
    """Statements after which `student.value()` gives an expression of the notebook."""
    return [piece("\n".join([*before, f"def value():\n    return {expression}"]), ("value",))]


# --- Own files.

OWN_EDITION = {"hw_cnn/__init__.py": b"", "hw_cnn/scratch.py": b"WHERE = 'own'\n"}


@pytest.mark.parametrize(
    ("folder", "files", "code", "expected"),
    [
        ("", {"utils.py": b"B = 7\n"}, ["import utils"], ("utils.B", 7)),
        ("hw", {"hw/utils.py": b"B = 7\n"}, ["import utils"], ("utils.B", 7)),
        ("hw", {"hw/pack/__init__.py": b"", "hw/pack/a.py": b"B = 7\n"}, ["from pack import a"], ("a.B", 7)),
        ("", {"src/utils.py": b"B = 7\n"}, ["import sys", "sys.path.append('src')", "import utils"], ("utils.B", 7)),
        ("hw", {"utils.py": b"B = 7\n"}, ["import sys", "sys.path.append('..')", "import utils"], ("utils.B", 7)),
        ("", {"src/utils.py": b"B = 7\n"}, ["import os", "os.chdir('src')", "import utils"], ("utils.B", 7)),
        ("hw", {"hw/data/a.txt": b"text"}, [], ("open('data/a.txt').read()", "text")),
        ("hw", {"a.bin": bytes(range(256))}, [], ("list(open('../a.bin', 'rb').read())", list(range(256)))),
        ("a b/c", {"a b/c/empty.txt": b""}, [], ("open('empty.txt').read()", "")),
        ("hw", {"other/a.txt": b""}, ["import os"], ("os.path.basename(os.getcwd())", "hw")),
        ("", {"a.txt": b"old"}, ["open('a.txt', 'w').write('new')"], ("open('a.txt').read()", "new")),
        # The edition comes first, the student's own modules before those of the grader.
        ("", OWN_EDITION, ["from hw_cnn import scratch"], ("scratch.WHERE", "edition")),
        ("", {"tabnanny.py": b"B = 7\n"}, ["import tabnanny"], ("tabnanny.B", 7)),
    ],
)  # fmt: skip
def test_own_files_are_where_the_code_looks_for_them(
    loader: Loader, folder: str, files: dict[str, bytes], code: list[str], expected: tuple[str, object]
) -> None:
    expression, result = expected
    report = loader(*value(expression, *code), binds=("value",), files=files, folder=folder)
    assert (report.failures, report.unavailable) == ({}, {})
    assert loader.student(report).value() == result


def test_many_files_go_in_portions(loader: Loader) -> None:
    files = {f"pack/m{number}.py": b"B = %d\n" % number for number in range(700)}
    report = loader(*value("m699.B", "from pack import m699"), binds=("value",), files=files)
    assert loader.student(report).value() == 699


def test_without_files_nothing_is_searched_beside_the_edition(loader: Loader) -> None:
    report = loader(*value("1", "import utils"), binds=("value",))
    with pytest.raises(StudentError) as caught:
        loader.student(report).value()
    assert caught.value.said("en") == (
        "code cell 1, line 1: ModuleNotFoundError: No module named 'utils'; the grader has numpy, torch, torchvision, "
        "lightning, torchmetrics; do without this module, or hand in your own beside the notebook"
    )


def test_a_file_elsewhere_is_named(loader: Loader) -> None:
    report = loader(*value("1", "import utils"), binds=("value",), files={"lib/utils.py": b""})
    with pytest.raises(StudentError) as caught:
        loader.student(report).value()
    assert caught.value.said("en").endswith(
        "lib/utils.py was handed in but lies in another folder; put it beside the notebook"
    )


def test_a_failure_in_an_own_module_shows_its_line_and_no_path_of_this_machine(loader: Loader) -> None:
    files = {"hw/utils.py": b"def f():\n    return 1 / 0\n"}
    report = loader(*value("f()", "from utils import f"), binds=("value",), files=files, folder="hw")
    with pytest.raises(StudentError) as caught:
        loader.student(report).value()
    assert '  File "hw/utils.py", line 2, in f\n    return 1 / 0' in caught.value.text
    assert "/tmp" not in caught.value.text


def test_what_one_worker_writes_the_next_does_not_see(loader: Loader) -> None:
    code = ["import os", "seen = os.path.exists('a.txt')", "open('a.txt', 'w').close()"]
    student = loader.student(loader(*value("seen", *code), binds=("value",), files={"b.txt": b""}))
    assert student.value() is False
    student.renew()
    assert student.value() is False


# --- Several plans.


def plan(number: int, *extra: Statement) -> LoadPlan:
    """`value` gives the number, and `double` an object that gives it."""
    source = (
        f"def value():\n    return {number}\nclass double:\n    def number(self):\n        return {number}"
    )
    return LoadPlan((*extra, piece(source, ("value", "double"))), (BIND["value"], BIND["double"]))


class Plans:
    """Loads plans for tasks."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.students: list[Student] = []

    def __call__(self, *plans: tuple[Sequence[str], LoadPlan], load_s: float = 5.0) -> Loaded:
        return load_all(self.loader.connect, plans, load_s)

    def student(self, loaded: Loaded) -> Student:
        first = loaded.first
        symbols = [Symbol.parse(path) for path in LOADED.values()]
        made = Student(
            first.home.connect, symbols, LIMITS, first.unavailable, None, first.home.explain, loaded.homes()
        )
        self.students.append(made)
        return made


@pytest.fixture
def plans(loader: Loader) -> Iterator[Plans]:
    made = Plans(loader)
    yield made
    for student in made.students:
        student.close()


def test_tasks_with_a_plan_of_their_own_have_a_home_of_their_own(plans: Plans) -> None:
    loaded = plans((["F1", "G1"], plan(1)), (["K2"], plan(2)), (["I1", "J1"], plan(3)))
    homes = loaded.homes()
    assert set(homes) == {(task, trains) for task in ("K2", "I1", "J1") for trains in (False, True)}
    assert homes["I1", False] is homes["J1", True] is not homes["K2", False]
    assert len(loaded.reports) == 3
    assert loaded.reports[0] is loaded.first
    student = plans.student(loaded)
    seen = {}
    for task in ("K2", "F1", "J1", "G1", "K2", "unknown"):
        student.begin_task(task)
        seen[task] = student.value()
    assert seen == {"K2": 2, "F1": 1, "J1": 3, "G1": 1, "unknown": 1}
    assert plans.loader.spawned == 3, "a return takes the worker that waits"


def test_where_each_task_has_a_plan_of_its_own_that_of_nobody_is_not_loaded(plans: Plans) -> None:
    loaded = plans(([], plan(0)), (["F1"], plan(1)), (["G1"], plan(2)))
    assert (set(loaded.homes()), plans.loader.spawned) == ({("G1", False), ("G1", True)}, 2)
    assert plans.student(loaded).value() == 1


def test_runs_that_train_may_have_a_plan_of_their_own(plans: Plans) -> None:
    usual = [(["F1", "K3"], plan(1)), (["G1"], plan(2))]
    training = [(["F1", "K3"], plan(3)), (["G1"], plan(4))]
    loaded = load_all(plans.loader.connect, usual, 5.0, training, trained=["K3"])
    assert set(loaded.homes()) == {("G1", False), ("G1", True), ("K3", True)}
    student = plans.student(loaded)
    seen = []
    for task, trains in (("F1", True), ("K3", False), ("K3", True), ("G1", True), ("K3", False)):
        student.begin_task(task, trains=trains)
        seen.append(student.value())
    assert seen == [1, 1, 3, 2, 1]


def test_a_later_plan_of_nobody_is_not_loaded(plans: Plans) -> None:
    loaded = plans((["F1"], plan(0)), ([], plan(1)))
    assert (loaded.homes(), plans.loader.spawned) == ({}, 1)


def test_the_only_plan_is_loaded_whoever_it_is_for(plans: Plans) -> None:
    assert plans.student(plans(([], plan(4)))).value() == 4


def test_objects_of_the_other_state_are_gone(plans: Plans) -> None:
    student = plans.student(plans((["F1"], plan(1)), (["G1"], plan(2))))
    first = student.double()
    assert first.call("number") == 1
    student.begin_task("G1")
    with pytest.raises(StudentCrashed, match="the process that held an object of this test has ended"):
        first.call("number")
    second = student.double()
    assert second.call("number") == 2
    student.begin_task("G1")
    assert second.call("number") == 2, "one need not go where one is"
    student.begin_task("F1")
    for gone in (first, second):
        with pytest.raises(StudentCrashed):
            gone.call("number")
    assert student.double().call("number") == 1


def test_what_cannot_be_called_in_one_state_can_be_in_another(plans: Plans) -> None:
    broken = LoadPlan((piece("1 / 0\ndef value(): return 1", ("value",)),), (BIND["value"],))
    student = plans.student(plans((["F1"], broken), (["G1"], plan(2))))
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        student.value()
    student.begin_task("G1")
    assert student.value() == 2
    student.begin_task("F1")
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        student.value()


def test_what_each_plan_leaves_out_is_said_once(plans: Plans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "TRY_S", 0.3)
    slow = piece("while True: pass", tried=True, place="code cell 5")
    other = piece("while True: pass", tried=True, place="code cell 6")
    loaded = plans((["F1"], plan(1, slow)), (["G1"], plan(2, slow, other)), load_s=20.0)
    assert [text.en.split(",")[0] for text in loaded.left_out] == ["code cell 5", "code cell 6"]


def test_all_plans_share_the_time_of_the_submission(loader: Loader) -> None:
    clock = Clock(0.001)
    while not clock.is_over:
        pass
    report = load(loader.connect, plan(1), clock)
    assert loader.spawned == 0, "no worker is asked when there is no time for it"
    with pytest.raises(StudentCrashed, match="loading was given up"):
        loader.student(report).value()
