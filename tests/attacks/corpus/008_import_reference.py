"""008 files: import the reference solution and hand it in as one's own.

Evidence: points - full marks for somebody else's work.
"""


@begins
def reference():
    saved = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "hw_cnn"}
    sys.path.insert(0, TARGETS["project"])
    try:
        from hw_cnn.layers.convolution import conv2d as found
    finally:
        sys.path.remove(TARGETS["project"])
        for name in [name for name in sys.modules if name.split(".")[0] == "hw_cnn"]:
            del sys.modules[name]
        sys.modules.update(saved)
    return found


conv2d = reference()
