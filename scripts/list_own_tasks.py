"""Write down which symbols the tasks of `assignments/` ask for: an installed package has no other way to know.

Written to autograder/course/own_tasks.json; to be run when a task is added, or what it asks for changes.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course.ownership import OWN_TASKS, own_assignments, own_tasks_json

ROOT = Path(__file__).parent.parent


def main() -> None:
    found = own_assignments(ROOT)
    OWN_TASKS.write_text(own_tasks_json(found), encoding="utf-8")
    print(f"{sum(len(one.symbols) for one in found)} symbols of {len(found)} assignments in {OWN_TASKS}")


if __name__ == "__main__":
    main()
