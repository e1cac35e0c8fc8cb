"""187 results: keys and names that are paths, formulas and control characters.

Evidence: marker - a file is written where the key says.
"""


def topk_error(logits, targets, ks=(1, 5)):
    return {f"../../../../../../../../../..{TARGETS['marker']}": 0.0, "=1+1": 0.0, "\x1b[2J": 0.0}
