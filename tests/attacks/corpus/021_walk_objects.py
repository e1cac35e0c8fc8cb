"""021 memory: look through all Python objects for secrets.

Evidence: secret - the key of a grader that keeps it in the same process.
"""


def attack():
    import gc

    texts = []
    for thing in gc.get_objects():
        if type(thing) is dict:
            texts += [value for value in list(thing.values()) if type(value) is str and len(value) < 99]
    return sorted({text for text in texts if text.startswith(TARGETS["prefix"] + "-")})
