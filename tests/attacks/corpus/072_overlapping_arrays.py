"""072 protocol: two arrays over the same bytes, with sizes of bool and float.

Evidence: judge - the reader accepts sizes that are no whole numbers, or fails with an error of its own.
Control: channel
"""


def attack():
    import json

    array = {"dtype": "F32", "shape": [True, 2.0], "data_offsets": [0, 8]}
    message = json.dumps({"nonce": 1, "reply": {"ok": True, "values": {"out": ["tensor", "a0"]}}})
    header = json.dumps({"__metadata__": {"message": message}, "a0": array, "a1": array}).encode()
    os.write(TARGETS["response_fd"], len(header).to_bytes(8, "little") + header + bytes(8))
    time.sleep(20)
