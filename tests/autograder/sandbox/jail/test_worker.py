"""A worker from the zygote runs the course's own code: Lightning trains in it, overlays and tracebacks are right."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from autograder.course.manifest import Limits
from autograder.course.symbol import Symbol
from autograder.remote.failures import StudentTimeout
from autograder.remote.session import Transport
from autograder.remote.student import Student
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from tests.autograder.sandbox_support import EDITION, LIMITS, ROOT, Lab, Runner

pytest_plugins = ["tests.autograder.sandbox_support"]
NAMES = {
    "train_seminar": "hw_cnn.training:train_seminar",
    "SeminarCNN": "hw_cnn.models.seminar:SeminarCNN",
    "Classifier": "hw_cnn.classifier:Classifier",
}
SYMBOLS = [Symbol.parse(path) for path in NAMES.values()]


def test_a_students_file_replaces_the_editions(lab: Lab) -> None:
    runner = lab({"hw_cnn/layers/double.py": b"def double(x):\n    return x + x\n"})
    assert runner.value("__import__('hw_cnn.layers.other').layers.other.four(3)") == 12
    assert lab().run("import hw_cnn.layers.other as o; o.four(3)")["error"]["type"] == "NotImplementedError"


def test_a_private_umask_does_not_close_files_to_the_worker() -> None:
    previous = os.umask(0o077)
    try:
        with Stage(EDITION) as stage, ZygoteClient(stage, LIMITS, preload=("numpy", "torch")) as own:
            overlay = stage.make_overlay({"hw_cnn/layers/double.py": b"def double(x):\n    return x + x\n"})
            with own.spawn(overlay) as worker:
                value = Runner(worker).value("__import__('hw_cnn.layers.other').layers.other.four(3)")
    finally:
        os.umask(previous)
    assert value == 12


def test_a_symbol_of_the_notebook_is_seen_by_the_package(lab: Lab) -> None:
    runner = lab()
    runner.run("def double(x):\n    return x + x")
    bind = {"op": "bind", "namespace": "notebook", "name": "double", "module": "hw_cnn.layers.double"}
    assert runner.worker.request(bind, {}, timeout_s=5.0)[0]["ok"]
    assert runner.value("__import__('hw_cnn.layers.other').layers.other.four(3)") == 12


def test_a_traceback_of_a_package_file_names_it_as_the_student_does(lab: Lab) -> None:
    runner = lab({"hw_cnn/layers/double.py": b"def double(x):\n    return x.no_such_thing  # here\n"})
    text = runner.run("import hw_cnn.layers.other as o; o.four(3)")["error"]["text"]
    assert '  File "hw_cnn/layers/double.py", line 2, in double\n    return x.no_such_thing  # here' in text
    assert "/tmp" not in text
    assert str(lab.stage.root) not in text


def test_ending_the_interpreter_inside_a_call_is_an_answer_and_the_worker_goes_on(lab: Lab) -> None:
    runner = lab()
    for source, kind in [
        ("import sys; sys.exit(0)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ]:
        assert runner.run(source)["error"]["type"] == kind
    assert runner.value("1 + 1") == 2


def test_output_of_a_student_goes_nowhere(lab: Lab, capfd: pytest.CaptureFixture[str]) -> None:
    runner = lab()
    runner.run("import os, sys\nprint('x' * 10 ** 6)\nsys.stderr.write('y')\nos.write(1, b'z')")
    assert runner.value("1") == 1
    assert capfd.readouterr() == ("", "")


def test_a_wrong_request_does_not_end_the_worker(lab: Lab) -> None:
    runner = lab()
    assert runner.worker.request({"op": "nonsense"}, {}, timeout_s=5.0)[0]["ok"] is False
    assert runner.value("3") == 3


SPIN = {
    "hw_cnn/data.py": b"class DigitsDataModule:\n    def __init__(self): self.splits = {}\n",
    "hw_cnn/training.py": b"def train_seminar(dm, seed, accelerator):\n    while True: pass\n",
}


def test_training_ends_at_its_own_limits_and_not_at_the_tests(lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"train_cpu_s": 0.5, "train_wall_s": 20.0})
    student = Student(lambda: lab(SPIN).worker, SYMBOLS, limits)
    student.begin_test(0.2)
    with pytest.raises(StudentTimeout, match=r"more than 0\.5 s of processor time used"):
        student.fit(0)
    hurried = Student(lambda: lab(SPIN).worker, SYMBOLS, limits.model_copy(update={"train_wall_s": 0.3}))
    hurried.begin_test()
    with pytest.raises(StudentTimeout, match=r"no answer within 0\.3"):
        hurried.fit(0)
    small = Student(lambda: lab(SPIN).worker, SYMBOLS, LIMITS.model_copy(update={"test_s": 0.1}))
    small.begin_test()
    with pytest.raises(StudentTimeout, match=r"no answer within 0\.3"):
        small.fit(0, data=(torch.zeros(2, 28, 28, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64)))


TOLD = {
    "hw_cnn/data.py": b"class DigitsDataModule:\n    def __init__(self): self.splits = {}\n",
    "hw_cnn/training.py": b"""
import os, time, torch
def train_seminar(dm, seed, accelerator):
    sizes = {name: (tuple(x.shape), str(x.dtype), tuple(y.shape), str(y.dtype)) for name, (x, y) in dm.splits.items()}
    assert sizes == {name: ((n, 28, 28), "torch.uint8", (n,), "torch.int64") for name, n in (("train", 3), ("val", 2))}
    pid = os.fork() if seed else -1
    if pid:
        ends = time.process_time() + .4 * (not seed)
        while time.process_time() < ends: pass
        if pid > 0: os.waitpid(pid, 0)
        time.process_time = time.perf_counter = lambda: 100.
        return torch.nn.Identity()
    ends = time.process_time() + .4
    while time.process_time() < ends: pass
    os._exit(0)
""",
}


def some_digits(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.zeros(count, 28, 28, dtype=torch.uint8), torch.zeros(count, dtype=torch.int64)


@pytest.mark.parametrize("seed", [0, 1], ids=["itself", "by a child"])
def test_the_kernel_counts_what_a_training_takes(lab: Lab, seed: int) -> None:
    student = Student(lambda: lab(TOLD).worker, SYMBOLS, LIMITS)
    student.begin_test()
    student.fit(seed, parts={"train": some_digits(3), "val": some_digits(2)})
    (seconds,) = student.trainings
    assert 0.3 < seconds < 5.0


def test_a_small_training_is_not_counted(lab: Lab) -> None:
    quick = TOLD | {
        "hw_cnn/training.py": b"import torch\ndef train_seminar(*_, **__): return torch.nn.Identity()\n"
    }
    student = Student(lambda: lab(quick).worker, SYMBOLS, LIMITS)
    student.begin_test()
    student.fit(0, data=some_digits(3))
    assert student.trainings == []


def test_batches_may_be_loaded_by_processes(lab: Lab, zygote: ZygoteClient) -> None:
    if not zygote.report.tier.startswith("A"):
        pytest.skip("without namespaces a worker has no /dev/shm, where processes keep their semaphores")
    source = """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        data = TensorDataset(torch.arange(20.0))
        total = sum(float(x.sum()) for x, in DataLoader(data, batch_size=4, num_workers=2))
        assert total == 190.0
    """
    reply = lab(memory_mb=1024).run(source, timeout_s=30.0)
    assert reply["ok"], reply["error"]["text"]


def test_the_seminars_network_is_trained_in_a_worker() -> None:
    package = ROOT / "hw_cnn"
    files = {
        str(path.relative_to(ROOT)): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    rng = np.random.default_rng(0)
    labels = torch.arange(300) % 10
    noise = torch.from_numpy(rng.integers(0, 40, (300, 28, 28)).astype(np.uint8))
    images = noise.clone()
    for index, label in enumerate(labels.tolist()):  # ten positions of a bright bar: easy for any network
        images[index, 2 + 2 * label : 5 + 2 * label, 4:24] = 250
    with Stage(files) as stage, ZygoteClient(stage, Limits()) as own:
        overlay = stage.make_overlay({})

        def connect() -> Transport:
            return own.spawn(overlay)

        student = Student(connect, SYMBOLS, Limits())
        student.begin_test(120.0)
        model = student.fit(0, data=(images, labels))
        assert student.mode(model) is False
        x = (images[:, None].float() / 255 - 0.1307) / 0.3081
        logits = student.predict(model, x, batch_size=128)
        accuracy = float((logits.argmax(1) == labels).double().mean())
        assert accuracy > 0.5  # chance is 0.1
        metrics = student.evaluate(model, x, labels, batch_size=77)
        assert metrics["val_accuracy"] == pytest.approx(accuracy, abs=1e-6)
        state = student.state_dict(model)
        fresh = student.Classifier(student.SeminarCNN())
        student.load_state_dict(fresh, state)
        torch.testing.assert_close(student.predict(fresh, x), logits)
        student.close()
