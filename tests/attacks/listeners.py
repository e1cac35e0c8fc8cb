"""Services on this machine that an attack tries to reach: each remembers what arrived."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from pathlib import Path


class Listeners:
    """TCP over IPv4 and IPv6, UDP, a unix socket at `path` and an abstract one. A context."""

    def __init__(self, path: Path, abstract: str) -> None:
        self.received = b""
        self._stop = threading.Event()
        self._selector = selectors.DefaultSelector()
        self.ports: dict[str, int] = {}
        for name, family, address in (("tcp", socket.AF_INET, "127.0.0.1"), ("tcp6", socket.AF_INET6, "::1")):
            listener = socket.socket(family, socket.SOCK_STREAM)
            try:
                listener.bind((address, 0))
            except OSError:  # no IPv6 here
                listener.close()
                self.ports[name] = 0
                continue
            self.ports[name] = listener.getsockname()[1]
            self._listen(listener)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        self.ports["udp"] = udp.getsockname()[1]
        self._watch(udp, accept=False)
        for place in (str(path), f"\0{abstract}"):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(place)
            self._listen(listener)
        path.chmod(0o777)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Listeners:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()

    def _listen(self, listener: socket.socket) -> None:
        listener.listen(16)
        self._watch(listener, accept=True)

    def _watch(self, line: socket.socket, accept: bool) -> None:
        # By number: what is accepted later has no other owner, and all are closed in one place.
        self._selector.register(line.detach(), selectors.EVENT_READ, accept)

    def _serve(self) -> None:
        while not self._stop.is_set():
            for key, _ in self._selector.select(0.05):
                if key.data:
                    with socket.socket(fileno=os.dup(key.fd)) as listener:
                        self._watch(listener.accept()[0], accept=False)
                    continue
                try:
                    data = os.read(key.fd, 1 << 16)
                except OSError:
                    data = b""
                self.received += data
                if not data:
                    self._selector.unregister(key.fd)
                    os.close(key.fd)
