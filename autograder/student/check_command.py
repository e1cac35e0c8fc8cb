"""`hw-cnn check [TASK...] [DIR] [--watch|--github]`: the public tests on the saved work, once or after each change."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from autograder.errors import UsageError
from autograder.student.arguments import GITHUB, chosen_tasks, parse
from autograder.student.home import open_home, work_folder
from autograder.student.saved_check import check_saved
from autograder.student.watch import watch


def check_command(argv: Sequence[str]) -> int:
    """Exit code 0: everything passes; 1: something fails or is not written; 2: wrong usage."""
    try:
        request = parse(argv, "check")
        if request.help:
            print(request.usage.ru, request.usage.en, sep="\n")
            return 0
        folder = work_folder(request.folder)
        home, public = open_home(folder)
        tasks = chosen_tasks(request, public)
        if request.has("--watch"):
            return watch(home, public, folder, tasks)
        return check_saved(home, public, folder, tasks, github=request.has(GITHUB))
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
