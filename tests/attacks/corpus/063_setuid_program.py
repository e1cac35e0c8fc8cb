"""063 processes: gain rights by running a setuid program.

Evidence: said - its effective user is root.
Control: user - for root there is nothing to gain.
"""


def attack():
    import subprocess

    program = subprocess.Popen(["/usr/bin/su", "-c", "id"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        for _ in range(50):
            with open(f"/proc/{program.pid}/status") as stream:
                users = next(line for line in stream if line.startswith("Uid:")).split()[1:]
            if users[0] != "0" and users[1] == "0":
                return won()
            time.sleep(0.01)
    finally:
        program.kill()
    return f"users {users}"
