"""061 processes: raise the own limits.

Evidence: said - more address space, processes or files than before.
"""


def attack():
    import resource

    gained = []
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
        soft, hard = resource.getrlimit(kind)
        for wanted in ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), (hard, hard)):
            try:
                resource.setrlimit(kind, wanted)
            except (OSError, ValueError):
                continue
            gained.append(resource.getrlimit(kind)[0] != soft)
    return won() if any(gained) else "nothing to gain"
