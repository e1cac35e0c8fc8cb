"""091 hangs: loop inside a call, on one example only so that the tests stay short.

Evidence: judge - it waits for ever.
"""


def topk_error(logits, targets, ks=(1, 5)):
    while len(logits) < 3:
        pass
    return {}
