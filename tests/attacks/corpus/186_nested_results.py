"""186 results: containers inside containers, very deep or very long, and one that holds itself.

Evidence: judge - walking through them fails.
"""

DEEP = []


def topk_error(logits, targets, ks=(1, 5)):
    value = DEEP
    for _ in range(100_000):
        value = [value]
    DEEP.append(value)
    return value
