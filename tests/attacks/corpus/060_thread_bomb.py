"""060 processes: more threads than allowed.

Evidence: said - all of them live at the same time.
"""


def attack():
    import threading

    threads = [threading.Thread(target=time.sleep, args=(5,), daemon=True) for _ in range(TARGETS["bomb_tasks"])]
    for thread in threads:
        thread.start()
    return won() if all(thread.is_alive() for thread in threads) else "some have ended"
