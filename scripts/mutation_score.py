"""Say how many of the planted faults were noticed: the output of `mutmut results --all true` on standard input.

One line for each module; exit code 1 when less than 90 % of all were noticed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable

LEAST_PERCENT = 90.0
NOTICED = ("killed", "timeout", "segfault", "caught by type check")


def count(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Module -> how many of its mutants ended how. A line: `package.module.function__mutmut_3: survived`."""
    found: dict[str, Counter[str]] = {}
    for line in lines:
        mutant, colon, status = line.strip().partition(": ")
        if colon and "__mutmut_" in mutant:
            module = mutant.split(".x_")[0].split(".xǁ")[0]
            found.setdefault(module, Counter())[status] += 1
    return found


def percent(counts: Counter[str]) -> float:
    """The share that was noticed, of all."""
    return 100.0 * sum(counts[status] for status in NOTICED) / counts.total()


def main() -> int:
    modules = count(sys.stdin)
    if not modules:
        print("no mutants on standard input; pipe `mutmut results --all true` into this", file=sys.stderr)
        return 2
    total = sum(modules.values(), Counter[str]())
    for module, counts in [*sorted(modules.items()), ("all", total)]:
        rest = ", ".join(
            f"{number} {status}" for status, number in sorted(counts.items()) if status not in NOTICED
        )
        print(f"{module:40} {counts.total():5} {percent(counts):6.1f} %  {rest}")
    return int(percent(total) < LEAST_PERCENT)


if __name__ == "__main__":
    sys.exit(main())
