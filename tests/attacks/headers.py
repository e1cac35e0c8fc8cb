"""What an attack file says about itself in its docstring, and the submission that is made of it.

The first line is `NUMBER FAMILY: what it tries.` Then come lines `Key: value`:

    Evidence: KIND - words      how success is seen from outside, one of KINDS
    When: import | call         when `attack()` runs; import if not given; a file that defines a task symbol needs none
    Control: WHICH - words      in-process (if not given), channel, or in-process only as root, only as user, or alone
    After: NUMBER               the control runs that attack first
    Gap: TIER, TIER - words     tiers in which the attack is known to work, and why that is accepted
    Worth: POINTS - words       what the value that it returns is worth without the attack; none if not given

That it has begun is seen from outside (`evidence.py`): what a test or `attack()` calls is marked with `begins`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "corpus"
KINDS = {
    "said": "the mark of the attack stands in a result or in what the grader prints",
    "secret": "a secret stands there",
    "points": "points are given",
    "judge": "there is no verdict: the grader fails, hangs or dies",
    "marker": "a file is left or written where nothing may be",
    "left": "a file is left in a place where everybody may write",
    "tamper": "a file of the course is changed",
    "process": "a process is left",
    "victim": "a process that has nothing to do with it is dead or stopped",
    "listener": "a message arrives",
    "text": "text of the attack is carried out rather than shown",
    "none": "it only prepares another attack",
}
WHEN_IMPORTED = """

def tried():
    try:
        return begins(attack)()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


RESULT = tried()


def topk_error(logits, targets, ks=(1, 5)):
    raise RuntimeError(f"came back with {RESULT!r}")
"""
WHEN_CALLED = """

def topk_error(logits, targets, ks=(1, 5)):
    raise RuntimeError(f"came back with {begins(attack)()!r}")
"""

# What a submission may define that is called by a test: symbols of tasks.
SYMBOLS = {
    "conv2d", "topk_error", "SeminarCNN", "Classifier", "train_seminar", "LeNet1998", "VGG", "layer_outputs", "embed",
}  # fmt: skip
FUNCTION = re.compile(r"^(?=def (?:conv2d|topk_error)\()", re.MULTILINE)


@dataclass(frozen=True)
class Attack:
    """One numbered attack; the fields are those of its header."""

    number: int
    name: str
    family: str
    tries: str
    evidence: str
    when: str
    control: str
    after: int | None
    gaps: tuple[str, ...]
    worth: float
    source: str

    @property
    def student(self) -> str:
        """Under which name it is handed in."""
        return f"{self.number:03d}_{self.name}"

    def solution(self, targets: dict[str, Any]) -> str:
        """The text of solution.py for these targets."""
        filled = repr(targets | {"number": f"{self.number:03d}"})
        preamble = (FOLDER / "preamble.py").read_text(encoding="utf-8")
        head, found, tail = preamble.partition("TARGETS = {}")
        assert found
        ending = {"import": WHEN_IMPORTED, "call": WHEN_CALLED, "own": ""}[self.when]
        source = FUNCTION.sub("@begins\n", self.source)
        return f"{head}TARGETS = {filled}{tail}\n\n{source}{ending}"


def parse(path: Path) -> Attack:
    """Raises: ValueError naming the file when its header is incomplete."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    header = ast.get_docstring(tree) or ""
    first = re.match(r"(\d{3}) (\w+): (.+)", header)
    number, _, name = path.stem.partition("_")
    fields = dict(re.findall(r"^(\w+): (.+?)(?: - .*)?$", header.partition("\n")[2], re.MULTILINE))
    if first is None or first[1] != number or fields.get("Evidence") not in KINDS:
        raise ValueError(f"{path.name}: the header does not say number, family and evidence")
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    own = not defined.isdisjoint(SYMBOLS)
    if own == ("attack" in defined):
        raise ValueError(f"{path.name}: either attack() or a task symbol must be defined")
    if own and not FUNCTION.search(source) and "@begins" not in source:
        raise ValueError(f"{path.name}: nothing that a test calls is marked with @begins")
    after = fields.get("After")
    return Attack(
        number=int(number),
        name=name,
        family=first[2],
        tries=first[3],
        evidence=fields["Evidence"],
        when="own" if own else fields.get("When", "import"),
        control=fields.get("Control", "in-process"),
        after=None if after is None else int(after),
        gaps=tuple(re.findall(r"[A-C]-?", fields.get("Gap", ""))),
        worth=float(fields.get("Worth", 0)),
        source=source,
    )


@cache
def corpus() -> dict[int, Attack]:
    """All attacks that are code, by number."""
    return {attack.number: attack for attack in map(parse, sorted(CORPUS.glob("[0-9]*.py")))}
