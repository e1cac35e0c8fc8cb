"""009 files: import the grader's own modules.

Evidence: said - the module that keeps hidden tests can be imported.
"""


def attack():
    for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
        del sys.modules[name]
    sys.path.insert(0, TARGETS["project"])
    import autograder.grading.hidden_tests

    return won() if hasattr(autograder.grading.hidden_tests, "HiddenTests") else "something else"
