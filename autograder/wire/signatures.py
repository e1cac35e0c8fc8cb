"""What the positional arguments of a function are called, and which of them can be given by their names."""

from __future__ import annotations

import inspect

# Names for what `*args` takes.
MOST_STARRED = 8
BEFORE_A_SLASH, PLAIN = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD


def keywords_of(signature: inspect.Signature) -> list[str]:
    """Names by which positional arguments can be given, in their order: "" for one without, as before a `/`; for what
    `*args` takes there are none."""
    parameters = signature.parameters.values()
    return [
        one.name if one.kind is PLAIN else "" for one in parameters if one.kind in (BEFORE_A_SLASH, PLAIN)
    ]


def names_of(signature: inspect.Signature) -> list[str]:
    """What positional arguments are called; the first that `*args` takes are `args[0]`, `args[1]` and so on."""
    names = []
    for one in signature.parameters.values():
        if one.kind is inspect.Parameter.VAR_POSITIONAL:
            names += [f"{one.name}[{number}]" for number in range(MOST_STARRED)]
        elif one.kind in (BEFORE_A_SLASH, PLAIN):
            names.append(one.name)
    return names
