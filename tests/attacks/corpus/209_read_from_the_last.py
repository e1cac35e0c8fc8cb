"""209 persistence: read the message that attack 208 has left.

Evidence: said - it is there.
After: 208
"""


def attack():
    places = ("/tmp", "/var/tmp", "/dev/shm", TARGETS["dump"])

    def read(place):
        with open(os.path.join(place, f"message-{TARGETS['token']}")) as stream:
            return stream.read()

    return first(*[lambda place=place: read(place) for place in places])
