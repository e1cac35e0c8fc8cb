"""201 persistence: change the student edition for the students that follow.

Evidence: said - a file of the course library can be written.
"""


def attack():
    import hw_cnn

    folder = os.path.dirname(os.path.realpath(hw_cnn.__file__))
    tries = []
    for place in (folder, os.path.join(folder, "layers"), os.path.join(folder, "__pycache__"), os.path.join(folder, "layers", "__pycache__"), *TARGETS["installed"]):
        path = os.path.join(place, TARGETS["left"])
        tries.append(lambda path=path: (os.close(os.open(path, os.O_CREAT | os.O_WRONLY)), os.unlink(path)))
    first(*tries)
    return won()
