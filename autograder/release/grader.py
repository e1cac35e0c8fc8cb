"""What can be imported where work is graded: the packages that this project asks for, and those that they ask for."""

from __future__ import annotations

import platform
from collections.abc import Collection
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.course.public import Grader
from autograder.errors import UsageError

PROJECT = "hw-cnn"
# What a grader has beyond the bare project; the other extras are for those who change the project.
EXTRAS = ("train", "explain", "transfer")
OWN = {"hw_cnn", "autograder"}


def grader() -> Grader:
    """This installation. Raises: UsageError when the project itself is not installed."""
    try:
        metadata.distribution(PROJECT)
    except metadata.PackageNotFoundError as error:
        raise UsageError(f"{PROJECT} is not installed; run `make grade` or `pip install -e .`") from error
    wanted = closure(PROJECT, EXTRAS)
    owners = metadata.packages_distributions()
    names = {
        name
        for name, distributions in owners.items()
        if name.isidentifier() and wanted & {str(canonicalize_name(one)) for one in distributions}
    }
    return Grader(python=running_python(), packages=tuple(sorted(names - OWN)))


def closure(name: str, extras: Collection[str] = ()) -> set[str]:
    """The distribution and all that it requires here, as far as that is installed."""
    found: set[str] = set()
    pending = [(name, frozenset(extras))]
    seen = set(pending)
    while pending:
        current, asked = pending.pop()
        try:
            required = metadata.requires(current) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(str(canonicalize_name(current)))
        for requirement in map(Requirement, required):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *asked)):
                item = (str(canonicalize_name(requirement.name)), frozenset(requirement.extras))
                if item not in seen:
                    seen.add(item)
                    pending.append(item)
    return found


def running_python() -> str:
    """The minor version of this Python, such as "3.11"."""
    return ".".join(platform.python_version_tuple()[:2])
