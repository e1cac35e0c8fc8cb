"""077 protocol: an exception with ten megabytes of text.

Evidence: said - the end of the text stands in a result.
When: call
"""


def attack():
    raise RuntimeError("x" * 10_000_000 + won())
