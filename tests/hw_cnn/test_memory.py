"""A process that has asked for it gets its freed memory back without the kernel."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Several blocks that are freed together are more than glibc keeps by itself.
COUNT = """
import resource
from hw_cnn import _memory
{line}
def step():
    parts = [bytearray({size} << 20) for _ in range(3)]
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def run(code: str) -> str:
    """What a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def page_faults(line: str, size_mib: int) -> int:
    return int(run(COUNT.format(line=line, size=size_mib)))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
@pytest.mark.parametrize(
    ("line", "size_mib"), [("assert _memory.keep_freed_memory()", 8), ("_memory.hold_once()", 4)]
)
def test_freed_memory_is_used_again(line, size_mib):
    assert page_faults(line, size_mib) < page_faults("", size_mib) / 10


@pytest.mark.parametrize("enabled", ["gc.enable()", "gc.disable()"])
def test_what_is_imported_is_no_work_for_the_garbage_collector(enabled):
    run(
        "import gc\n"
        "from hw_cnn import _memory\n"
        f"{enabled}\n"
        "before = gc.isenabled()\n"
        "with _memory.importing():\n"
        "    collections = [generation['collections'] for generation in gc.get_stats()]\n"
        "    import torch\n"
        "    assert collections == [generation['collections'] for generation in gc.get_stats()]\n"
        "assert gc.isenabled() == before\n"
        "assert len(gc.get_objects()) < 1000 < gc.get_freeze_count()\n"
    )


def test_another_c_library_is_left_alone():
    run(
        "import ctypes\n"
        "from hw_cnn import _memory\n"
        "ctypes.CDLL = lambda name: object()\n"
        "assert _memory.keep_freed_memory() is False"
    )
