"""What a task's symbol gives for some arguments: the same text runs in the kernel and beside the grader."""

from __future__ import annotations

PROBES = '''
NAMES = {"F1": "conv", "G1": "pool", "K2": "Net"}

def probe(task, namespace):
    """A list of answers; None where there is no value, or no answer."""
    name = NAMES[task]
    if name not in namespace:
        return None
    value = namespace[name]
    calls = [lambda: value().fit()] if task == "K2" else [lambda: value(1), lambda: value(-2)]
    try:
        return [repr(call()) for call in calls]
    except BaseException:
        return None
'''
