"""The true reason of a failure: what had failed before, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.intake.load_plan import Statement
from autograder.remote.causes import TOO_LONG, USED_UP, Causes
from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.text import Text
from autograder.wire.reasons import Reason
from tests.autograder.remote.support import piece

PLACE = Text(ru="1-я ячейка с кодом", en="code cell 1")
ASSIGNS = Statement("notebook", "import x\nK = x.K", "<cell>", 5, (), ("K", "L"), PLACE)
TRACE = "Traceback (most recent call last):\n  File ...\nZeroDivisionError: division by zero"
DIVISION = StudentError(TRACE, "ZeroDivisionError", line=6)


def name_error(name: str) -> StudentError:
    return StudentError(f"NameError: name '{name}' is not defined", "NameError", name=name, line=9)


def missing_module(name: str) -> StudentError:
    return StudentError(f"ModuleNotFoundError: No module named '{name}'", "ModuleNotFoundError", name=name)


def missing_file(name: str) -> StudentError:
    text = f"FileNotFoundError: [Errno 2] No such file or directory: '{name}'"
    return StudentError(text, "FileNotFoundError", name=name)


def test_a_failed_statement_is_named_by_place_line_and_exception() -> None:
    failure = Causes({}).failed(ASSIGNS, DIVISION)
    assert failure.said("en") == "code cell 1, line 6: ZeroDivisionError: division by zero"
    assert failure.said("ru") == "1-я ячейка с кодом, строка 6: ZeroDivisionError: division by zero"
    assert isinstance(failure, StudentError)
    assert (failure.kind, failure.text, failure.line) == ("ZeroDivisionError", TRACE, 6)


def test_where_the_line_is_not_known_it_is_that_of_the_statement() -> None:
    failure = Causes({}).failed(ASSIGNS, StudentError("SyntaxError: bad", "SyntaxError"))
    assert failure.said("en") == "code cell 1, line 5: SyntaxError: bad"


def test_of_a_message_of_several_lines_the_first_is_said() -> None:
    text = "Traceback (most recent call last):\n  File ...\nRuntimeError: Error(s) in loading:\n    Missing key(s)"
    failure = Causes({}).failed(ASSIGNS, StudentError(text, "RuntimeError", line=6))
    assert failure.said("en") == "code cell 1, line 6: RuntimeError: Error(s) in loading:"


@pytest.mark.parametrize("name", ["K", "L"])
def test_a_name_that_was_never_bound_leads_to_what_had_failed(name: str) -> None:
    causes = Causes({})
    causes.failed(ASSIGNS, DIVISION)
    explained = causes.explain(name_error(name))
    assert explained.said("en") == "code cell 1, line 6: ZeroDivisionError: division by zero"
    assert (explained.kind, explained.name, explained.line) == ("NameError", name, 9)
    assert explained.text == name_error(name).text, "the exception itself stays for the record"


@pytest.mark.parametrize(
    "error",
    [
        name_error("other"),
        name_error(""),
        StudentError("AttributeError: K", "AttributeError", name="K"),
        StudentError("ValueError: x", "ValueError"),
    ],
)
def test_an_exception_that_says_enough_stays_as_it_is(error: StudentError) -> None:
    causes = Causes({"L": Text(ru="нет", en="absent")})
    causes.failed(ASSIGNS, DIVISION)
    assert causes.explain(error) is error
    assert error.said("en") == error.said("ru") == error.text


def test_of_a_chain_of_failures_the_first_is_said() -> None:
    causes = Causes({})
    causes.failed(ASSIGNS, DIVISION)
    second = replace(ASSIGNS, names=("M",), place=Text(ru="2-я ячейка с кодом", en="code cell 2"))
    failure = causes.failed(second, name_error("K"))
    expected = "code cell 1, line 6: ZeroDivisionError: division by zero"
    assert failure.said("en") == expected
    assert causes.explain(name_error("M")).said("en") == expected


def test_a_name_that_is_bound_after_all_has_no_cause() -> None:
    causes = Causes({})
    causes.failed(ASSIGNS, DIVISION)
    causes.bound(piece("K = 1", names=("K",)))
    assert causes.explain(name_error("K")).cause is None
    assert causes.explain(name_error("L")).cause is not None
    causes.failed(ASSIGNS, DIVISION)
    assert causes.explain(name_error("K")).cause is not None


def test_the_last_failure_of_a_name_counts() -> None:
    causes = Causes({})
    causes.failed(ASSIGNS, DIVISION)
    causes.failed(ASSIGNS, StudentError("ValueError: other", "ValueError", line=5))
    assert causes.explain(name_error("K")).said("en") == "code cell 1, line 5: ValueError: other"


@pytest.mark.parametrize(
    ("failure", "en", "ru"),
    [
        (
            StudentTimeout(Reason("no answer", {"seconds": 3}, loading=True)),
            "code cell 1, line 5: loading the code: no answer within 3 s",
            "1-я ячейка с кодом, строка 5: при загрузке кода: нет ответа за 3 с",
        ),
        (
            StudentCrashed(Reason("exit", {"code": 3})),
            "code cell 1, line 5: the process ended itself with status 3 (os._exit)",
            "1-я ячейка с кодом, строка 5: он закончился сам с кодом 3 (os._exit)",
        ),
    ],
)
def test_a_statement_that_ended_the_worker_is_the_reason(
    failure: StudentTimeout | StudentCrashed, en: str, ru: str
) -> None:
    causes = Causes({})
    assert causes.failed(ASSIGNS, failure) is failure
    explained = causes.explain(name_error("K"))
    assert (explained.said("en"), explained.said("ru")) == (en, ru)


def test_a_statement_that_was_left_out_is_the_reason() -> None:
    causes = Causes({})
    sentence = causes.left_out(ASSIGNS, TOO_LONG, 1.0)
    assert sentence.en == (
        "code cell 1, line 5: left out while loading, it took more than 1 s of processor time"
    )
    assert sentence.ru == (
        "1-я ячейка с кодом, строка 5: не выполнено при загрузке, заняло больше 1 с процессорного времени"
    )
    other = causes.left_out(ASSIGNS, USED_UP, 2.5)
    assert other.en.endswith("left out while loading, the 2.5 s for such statements were used up before")
    assert causes.explain(name_error("L")).cause == other


def test_a_name_whose_cell_is_no_python_says_so() -> None:
    absent = Text(ru="2-я ячейка: ошибка", en="code cell 2: error")
    causes = Causes({"K": absent, "H": absent})
    assert causes.explain(name_error("H")).cause == absent
    assert causes.failed(ASSIGNS, name_error("H")).said("ru") == "2-я ячейка: ошибка"
    causes.failed(ASSIGNS, DIVISION)
    assert causes.explain(name_error("K")).said("en").startswith("code cell 1"), "what failed says more"


FILES = ("hw/utils.py", "hw/data/table.csv", "src/pack/__init__.py", "src/pack/deep.py", "notes.txt")
HAS = "the grader has numpy, torch, torchvision, lightning, torchmetrics; do without this module, or hand in your own"


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (missing_module("einops"), f"{HAS} beside the notebook"),
        (missing_module("utils"), "hw/utils.py was handed in but lies in another folder; put it beside the notebook"),
        (missing_module("lib.utils"), "hw/utils.py was handed in but lies in another folder"),
        (missing_module("pack"), "src/pack/__init__.py was handed in but lies in another folder"),
        (missing_module("deep"), "src/pack/deep.py was handed in but lies in another folder"),
        (missing_module("notes"), HAS),  # no module
        (missing_module("hw_cnn.extra"), "new files below hw_cnn/ are not read; put the module beside the notebook"),
        (missing_module("hw_cnn_own"), HAS),
        (missing_file("table.csv"), "hw/data/table.csv was handed in but lies in another folder"),
        (missing_file("../data/table.csv"), "hw/data/table.csv was handed in but lies in another folder"),
        (missing_file("data\\table.csv"), "hw/data/table.csv was handed in but lies in another folder"),
        (missing_file("other.csv"), "it was not handed in; hand it in together with the notebook"),
        (missing_file("table"), "it was not handed in"),
    ],
)  # fmt: skip
def test_what_can_be_done_about_a_module_or_a_file(error: StudentError, mend: str) -> None:
    causes = Causes({}, FILES)
    assert causes.failed(ASSIGNS, error).said("en").startswith(f"code cell 1, line 5: {error.text}; {mend}")
    explained = causes.explain(error)
    assert explained.said("en").startswith(f"{error.text}\n{mend}")
    russian = explained.said("ru")
    assert russian.startswith(error.text)
    assert any("а" <= char <= "я" for char in russian.split("\n")[1])


def test_an_import_of_a_missing_name_is_no_missing_module() -> None:
    error = StudentError("ImportError: cannot import name 'x' from 'utils'", "ImportError", name="utils")
    assert Causes({}, FILES).explain(error) is error


@pytest.mark.parametrize(
    ("error", "folder", "mend"),
    [
        (
            missing_module("lib.utils"),
            "hw",
            "hw/utils.py lies beside the notebook, but the code looks elsewhere",
        ),
        (
            missing_file("/content/notes.txt"),
            "",
            "notes.txt lies beside the notebook, but the code looks elsewhere",
        ),
        (missing_file("hw/notes.txt"), "hw", "notes.txt was handed in but lies in another folder"),
        (missing_file("table.csv"), "hw", "hw/data/table.csv was handed in but lies in another folder"),
    ],
)
def test_what_lies_beside_the_notebook_need_not_be_put_there(
    error: StudentError, folder: str, mend: str
) -> None:
    assert Causes({}, FILES, folder).explain(error).said("en").startswith(f"{error.text}\n{mend}")


@pytest.mark.parametrize(
    ("kind", "text", "mend"),
    [
        ("ImportError", "cannot import name 'override' from 'typing'", "which has no such name"),
        ("AttributeError", "module 'itertools' has no attribute 'batched'", "which has no such name"),
        ("ImportError", "cannot import name 'override' from 'utils'", None),
        ("AttributeError", "'list' object has no attribute 'add'", None),
        ("EOFError", "EOF when reading a line", "write the value into the code"),
        ("EOFError", "Ran out of input", None),
        ("RuntimeError", "Found no NVIDIA driver on your system.", 'else "cpu"'),
        ("AssertionError", "Torch not compiled with CUDA enabled", 'else "cpu"'),
        ("RuntimeError", "shapes do not match", None),
    ],
)
def test_what_the_grader_does_not_have(kind: str, text: str, mend: str | None) -> None:
    error = StudentError(f"{TRACE}\n{kind}: {text}", kind, line=6)
    said = Causes({}).failed(ASSIGNS, error).said("en")
    assert said.startswith(f"code cell 1, line 6: {kind}: {text}")
    assert said.endswith(mend or text)
    explained = Causes({}).explain(error)
    assert explained.cause is None
    assert (explained.advice is None) is (mend is None)
