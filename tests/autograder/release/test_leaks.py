"""How much a file may have in common with a secret: the limits of the leak scan, one line on either side."""

from __future__ import annotations

import pytest

from autograder.release.leaks import LONG_LINE, LeakError, Secrets, scan

TELLING = [f"assert student.answer({number}) == {number} + offset" for number in range(9)]
"""Lines of a hidden test or a planted bug; each alone could be anybody's."""
LONG = "assert student.answer(first, second, third) == expected_of_the_three[first]"


def secrets_of(kind: str, *lines: str) -> Secrets:
    return Secrets(**{f"{kind}_lines": dict.fromkeys(lines, f"{kind}_f1.py")})


def file_with(*lines: str) -> bytes:
    return "\n".join(["import torch", *(f"    {line}" for line in lines), ""]).encode()


@pytest.mark.parametrize(
    ("kind", "said"), [("test", "hidden test_f1.py"), ("wrong", "planted bug wrong_f1.py")]
)
@pytest.mark.parametrize("name", ["hw_cnn/one.py", "public/test_one.py", "autograder/one.py", "README.md"])
def test_three_lines_in_common_are_a_leak_and_two_are_not(kind: str, said: str, name: str) -> None:
    secrets = secrets_of(kind, *TELLING)
    scan({name: file_with(*TELLING[:2])}, secrets)
    scan({name: file_with(TELLING[0], TELLING[0], TELLING[0])}, secrets)
    with pytest.raises(LeakError, match=said) as caught:
        scan({name: file_with(*TELLING[4:7])}, secrets)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "is_leak"),
    [
        ("hw_cnn/one.py", True),
        ("small.ipynb.txt", True),
        ("public/test_one.py", False),
        ("autograder/one.py", False),
    ],
)
def test_one_long_line_of_a_hidden_test_is_a_leak_but_in_tests_and_the_grader(
    name: str, is_leak: bool
) -> None:
    """Public tests are of the same hand as hidden ones: a line in common is chance, three are not."""
    secrets = secrets_of("test", LONG)
    assert len(LONG) >= LONG_LINE > len(TELLING[0])
    if is_leak:
        with pytest.raises(LeakError, match=r"hidden test_f1\.py"):
            scan({name: file_with(LONG)}, secrets)
    else:
        scan({name: file_with(LONG)}, secrets)


def test_one_line_of_the_solution_is_a_leak_also_in_the_middle_of_another() -> None:
    secrets = secrets_of("body", TELLING[0])
    with pytest.raises(LeakError, match=r"a line of the solution in body_f1\.py"):
        scan({"README.md": f"as in `{TELLING[0]}`, so".encode()}, secrets)
    scan({"README.md": TELLING[1].encode()}, secrets)
