"""Uploads read in processes that are thrown away: the same comes out, and too much costs nobody else anything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.course.manifest import Manifest
from autograder.intake.students import Upload
from autograder.intake.submission import read_submission
from autograder.intake.uploads.rejection import Rejected
from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.reading import ReaderEndedError
from autograder.sandbox.kernel import processes
from autograder.text import Text
from tests.autograder.intake_support import EDITION, cell, hand_in, manifest, notebook, one_sentence
from tests.autograder.intake_support import read as read_here
from tests.autograder.sandbox_support import ROOT, gone

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
GOOD = notebook(cell("def conv(x): return 1", "F1"), "!ls", "x = (")
# Seconds of work that nothing shortens: a megabyte of chains of attributes.
LONG = "\n".join("a" + ".b" * 80 + " = 1" for _ in range(6_000))


def limited(**limits: object) -> Manifest:
    found = manifest()
    return found.model_copy(update={"limits": found.limits.model_copy(update=limits)})


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    os.environ["READERS_KEY"] = "only the judge knows"
    with Reader(manifest(), EDITION, tmp_path_factory.mktemp("home")) as made:
        del os.environ["READERS_KEY"]
        yield made


def mothers() -> set[int]:
    """The processes of this one that readers are forked from."""
    found = set()
    for child in processes.children(os.getpid()):
        with contextlib.suppress(OSError):
            if b"autograder.sandbox.reading.mother" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(child)
    return found


@contextlib.contextmanager
def own_reader(home: Path, **limits: object) -> Iterator[tuple[Reader, int]]:
    """A reader and the number of its mother."""
    before = mothers()
    with Reader(limited(**limits), EDITION, home) as made:
        (mother,) = mothers() - before
        yield made, mother


def descriptors(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/fd").iterdir())


UPLOADS: dict[str, dict[str, bytes | str]] = {
    "notebook": {"small.ipynb": GOOD, "model.safetensors": bytes(range(256))},
    "script": {
        "solution.py": "import os\nK = 2\ndef conv(x): return K\n",
        "timestamp.txt": "2025-02-02 15:58:23 UTC",
    },
    "package": {"hw_cnn/one.py": "def conv(x): return 1\n", "model.ckpt": b"\x00"},
    "cp1251": {"solution.py": "# привет\ndef conv(x): return 'я'\n".encode("cp1251")},
}


@pytest.mark.parametrize("files", UPLOADS.values(), ids=UPLOADS)
def test_a_reader_reads_what_this_process_would(
    reader: Reader, tmp_path: Path, files: dict[str, bytes | str]
) -> None:
    upload = Upload("anna", hand_in(tmp_path / "anna", files), root=tmp_path)
    assert reader.read(upload) == read_submission(upload, manifest(), EDITION)


@pytest.mark.parametrize(
    "files",
    [{"small.ipynb": b"{"}, {"notes.txt": "nothing"}, {"a.zip": b"PK"}, {"solution.py": bytes(2_000_000)}],
)
def test_a_rejection_is_the_same(reader: Reader, tmp_path: Path, files: dict[str, bytes | str]) -> None:
    upload = Upload("anna", hand_in(tmp_path / "anna", files))
    with pytest.raises(Rejected) as here:
        read_here(upload.path)
    with pytest.raises(Rejected) as there:
        reader.read(upload)
    assert there.value.text == here.value.text


def test_an_upload_with_a_problem_is_not_read_at_all(reader: Reader, tmp_path: Path) -> None:
    problem = Text(ru="сдано дважды", en="handed in twice")
    with pytest.raises(Rejected, match="handed in twice"):
        reader.read(Upload("anna", tmp_path / "nowhere", problem))


def test_a_disk_that_cannot_be_read_is_no_fault_of_the_student(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        reader.read(Upload("anna", tmp_path / "nowhere"))


def test_a_path_may_be_relative_and_of_any_bytes(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path(os.fsdecode(b"class\xff"), "anna")
    try:
        hand_in(folder, {"small.ipynb": GOOD})
    except OSError:
        pytest.skip("this file system wants UTF-8")
    assert reader.read(Upload("anna", folder, root=folder.parent)).path == folder


@pytest.mark.parametrize(
    ("limits", "data", "said"),
    [
        ({"read_cpu_s": 1.0}, LONG, "more than 1 s of processor time"),
        ({"read_wall_s": 0.3}, LONG, "more than 0.3 s;"),
        (
            {"read_memory_mb": 256, "upload_mb": 50},
            "\U0001f600" + "#" * 45_000_000,
            "more than 256 MB of memory",
        ),
    ],
)
def test_what_takes_too_much_is_rejected_and_the_next_is_read(
    tmp_path: Path, limits: dict[str, object], data: str, said: str
) -> None:
    bad = Upload("bad", hand_in(tmp_path / "bad", {"solution.py": data}))
    good = Upload("good", hand_in(tmp_path / "good", {"small.ipynb": GOOD}))
    with own_reader(tmp_path, **limits) as (reader, _):
        with pytest.raises(Rejected) as caught:
            reader.read(bad)
        assert said in one_sentence(caught.value).en
        assert reader.read(good).sources[0].kind == "cell"


SLOW = {
    "blanks": " " * 900_000,
    "blanks before a name": " " * 900_000 + "x",
    "an open bracket and lines": "(" + "\n" * 300_000,
    "an open string and lines": "'''" + "\n" * 300_000,
    "lines around a cell magic": "\n" * 200_000 + "%%time\n" + " " * 200_000,
    "calls without parentheses": "/f\na;\n" * 700,
    "an escape of escapes": "," * 500 + "\n" + "x = 1\n" * 120_000,
    "prompts": ">>> !ls\n" * 5_000,
    "assignments": "x = " * 200_000,
    "declarations": "if 1:\n" + "".join(f"  x{number}: int\n" for number in range(50_000)),
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_a_cell_of_a_megabyte_is_read_within_the_limits(reader: Reader, tmp_path: Path, source: str) -> None:
    """Each of these took minutes."""
    upload = Upload("anna", hand_in(tmp_path / "anna", {"small.ipynb": notebook(source)}))
    assert reader.read(upload).student == "anna"


def test_many_at_once_get_their_own_answers(reader: Reader, tmp_path: Path) -> None:
    uploads = [
        Upload(name, hand_in(tmp_path / name, {"solution.py": f"def conv(x): return '{name}'"}))
        for name in "abcdefgh"
    ]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(reader.read, uploads))
    assert [f"return '{item.student}'" in item.statements[0].source for item in found] == [True] * 8


def test_a_fork_may_read_and_leaves_the_reader_alone(reader: Reader, tmp_path: Path) -> None:
    upload = Upload("anna", hand_in(tmp_path / "anna", {"small.ipynb": GOOD}))
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if reader.read(upload).sources[0].kind == "cell" else 2
            reader.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert reader.read(upload).sources[0].kind == "cell"


def wait_for_child(mother: int) -> int:
    """The number of a living reader that has taken its limits: all descriptors but its own are closed."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for child in processes.children(mother):
            with contextlib.suppress(OSError):
                if len(descriptors(child)) == 5:
                    return child
        time.sleep(0.005)
    raise AssertionError("no reader")


@contextlib.contextmanager
def reading(reader: Reader, folder: Path) -> Iterator[list[BaseException]]:
    """A long upload is read beside the test; what comes of it is in the list at the end."""
    upload = Upload("long", hand_in(folder / "long", {"solution.py": LONG}))
    ends: list[BaseException] = []

    def work() -> None:
        try:
            reader.read(upload)
        except BaseException as error:
            ends.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield ends
    finally:
        thread.join(60)


@needs_proc
def test_a_reader_that_dies_costs_its_own_upload(tmp_path: Path) -> None:
    with own_reader(tmp_path) as (reader, mother):
        with reading(reader, tmp_path) as ends:
            os.kill(wait_for_child(mother), signal.SIGSEGV)
        (rejection,) = ends
        assert isinstance(rejection, Rejected)
        assert "could not be read to its end (signal 11)" in one_sentence(rejection).en
        good = Upload("good", hand_in(tmp_path / "good", {"small.ipynb": GOOD}))
        assert reader.read(good).sources[0].kind == "cell"


@needs_proc
def test_a_reader_that_has_stopped_its_clock_is_ended(tmp_path: Path) -> None:
    with own_reader(tmp_path, read_wall_s=0.5) as (reader, mother), reading(reader, tmp_path) as ends:
        child = wait_for_child(mother)
        os.kill(child, signal.SIGSTOP)
    assert "more than 0.5 s;" in str(ends)
    assert gone([child])


@needs_proc
def test_a_mother_that_dies_can_be_started_again(tmp_path: Path) -> None:
    good = Upload("good", hand_in(tmp_path / "good", {"small.ipynb": GOOD}))
    with own_reader(tmp_path) as (reader, mother):
        with reading(reader, tmp_path) as ends:
            child = wait_for_child(mother)
            os.kill(mother, signal.SIGKILL)
        assert [type(error) for error in ends] == [ReaderEndedError]
        assert gone([child])
        with pytest.raises(ReaderEndedError):
            reader.read(good)
        reader.start()
        assert reader.read(good).sources[0].kind == "cell"


@needs_proc
def test_nothing_secret_is_within_reach_of_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READERS_KEY", "only the judge knows")
    with (tmp_path / "hidden").open("w"), own_reader(tmp_path) as (reader, mother), reading(reader, tmp_path):
        child = wait_for_child(mother)
        for pid in (mother, child):
            assert b"only the judge knows" not in Path(f"/proc/{pid}/environ").read_bytes()
            assert "libtorch" not in Path(f"/proc/{pid}/maps").read_text()
        held = [str(link.readlink()).partition(":")[0] for link in descriptors(child)]
        assert held.count("pipe") == 2
        assert "/dev/null" in held
        assert not any("hidden" in name or name == "socket" for name in held)
        os.kill(child, signal.SIGKILL)


@needs_proc
def test_the_mother_keeps_nothing_of_what_was_read(tmp_path: Path) -> None:
    good = Upload("good", hand_in(tmp_path / "good", {"small.ipynb": GOOD}))
    with own_reader(tmp_path) as (reader, mother):

        def held() -> tuple[int, int]:
            return len(descriptors(mother)), len(processes.children(mother))

        def settled() -> tuple[int, int]:
            reader.read(good)
            deadline = time.monotonic() + 5
            while held()[1] and time.monotonic() < deadline:
                time.sleep(0.01)
            return held()

        first = settled()
        for _ in range(10):
            reader.read(good)
        assert settled() == first
        assert first[1] == 0


@needs_proc
def test_a_killed_grader_leaves_no_reader(tmp_path: Path) -> None:
    hand_in(tmp_path / "long", {"solution.py": LONG})
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, str(tmp_path)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        deadline = time.monotonic() + 60
        while not (mother := processes.children(grader.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        child = wait_for_child(mother[0])
    finally:
        grader.kill()
        grader.wait()
    assert gone([mother[0], child])


GRADER = """
import sys
from pathlib import Path
from autograder.intake.students import Upload
from autograder.sandbox.host.reader import Reader
from tests.autograder.intake_support import EDITION, manifest
home = Path(sys.argv[1])
with Reader(manifest(), EDITION, home) as reader:
    reader.read(Upload("long", home / "long"))
"""


def test_a_mother_that_cannot_start_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match="the reader of uploads does not start: it said nothing"):
        Reader(manifest(), EDITION, tmp_path).start()


def test_nothing_is_read_before_it_is_started_or_after_its_end(tmp_path: Path) -> None:
    made = Reader(manifest(), EDITION, tmp_path)
    with pytest.raises(SandboxError, match="not launched"):
        made.wait()
    with made:
        pass
    with pytest.raises(ReaderEndedError):
        made.read(Upload("anna", tmp_path))
