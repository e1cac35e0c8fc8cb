"""Code that nobody has written before: functions of random statements, as a class of any size needs them."""

from __future__ import annotations

import random

WAYS = (
    "reshape",
    "permute",
    "unfold",
    "sum",
    "mean",
    "flip",
    "roll",
    "clone",
    "amax",
    "cumsum",
    "sort",
    "transpose",
)


def invented(name: str, rng: random.Random, num_statements: int = 24) -> str:
    """A function, and a helper of the same kind that it uses."""
    helper = f"_helper_{name}"
    return f"{_function(helper, rng, num_statements // 2)}\n\n\n{_function(name, rng, num_statements // 2, helper)}\n"


def _function(name: str, rng: random.Random, num_statements: int, helper: str = "") -> str:
    known, lines, depth = ["x", "w"], [f"def {name}(x, w):"], 1
    for number in range(num_statements):
        indent = "    " * depth
        kind = rng.randrange(6)
        if kind == 0 and depth < 3:
            lines.append(f"{indent}for i{number} in range({_value(known, rng)}):")
            known.append(f"i{number}")
            depth += 1
            continue
        if kind == 1 and depth < 3:
            lines.append(f"{indent}if {_value(known, rng)} {rng.choice('<>')} {_value(known, rng)}:")
            depth += 1
            continue
        lines.append(f"{indent}v{number} = {_value(known, rng)}")
        known.append(f"v{number}")
        if depth > 1 and rng.random() < 0.4:
            depth -= 1
    if lines[-1].endswith(":"):
        lines.append("    " * depth + "pass")
    used = f"{helper}(x, w) + " if helper else ""
    return "\n".join([*lines, f"    return {used}{known[-1]}"])


def _value(known: list[str], rng: random.Random, depth: int = 0) -> str:
    one = rng.choice(known)
    if depth > 2:
        return one
    inner = [_value(known, rng, depth + 1) for _ in range(2)]
    return rng.choice(
        [
            f"({inner[0]} {rng.choice(['+', '-', '*', '//', '@'])} {inner[1]})",
            f"{one}.{rng.choice(WAYS)}({inner[0]})",
            f"{one}[{inner[0]}, {rng.randrange(9)}:]",
            f"{rng.choice(['len', 'max', 'abs', 'tuple'])}({inner[0]})",
            f"{one}.{rng.choice(WAYS)}({rng.randrange(9)}, {inner[1]})",
            one,
        ]
    )
