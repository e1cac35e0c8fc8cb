"""213 protocol: two answers with the right number of the question: the second is for whoever reads the next answer.

Evidence: said - the second is taken for an answer.
When: call
Control: channel
"""


def attack():
    import json
    import struct

    frame = sys._getframe()
    while frame is not None and "nonce" not in frame.f_locals:
        frame = frame.f_back
    error = {"type": "RuntimeError", "message": won(), "text": won()}
    for reply in ({"ok": True, "values": {"out": None}}, {"ok": False, "error": error}):
        text = json.dumps({"nonce": frame.f_locals["nonce"], "reply": reply})
        header = json.dumps({"__metadata__": {"message": text}}).encode()
        os.write(TARGETS["response_fd"], struct.pack("<Q", len(header)) + header)
    return {}
