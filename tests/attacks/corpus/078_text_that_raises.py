"""078 protocol: an exception that cannot be shown, and a class that lies about its name.

Evidence: judge - showing it fails.
When: call
"""


class Liar(type):
    @property
    def __name__(cls):
        raise SystemExit(0)


class Unshowable(Exception, metaclass=Liar):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__

    @property
    def __traceback__(self):
        raise SystemExit(0)


def attack():
    raise Unshowable
