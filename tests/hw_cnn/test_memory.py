"""A process that has asked for it gets its freed memory back without the kernel."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Thrice 8 MiB that are freed together are more than glibc keeps by itself.
COUNT = """
import resource
from hw_cnn import memory
{}
def step():
    parts = [bytearray(8 << 20) for _ in range(3)]
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(line: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(line)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_freed_memory_is_used_again():
    before, after = page_faults(""), page_faults("assert memory.keep_freed_memory()")
    assert after < before / 10


def test_another_c_library_is_left_alone():
    code = (
        "import ctypes\n"
        "from hw_cnn import memory\n"
        "ctypes.CDLL = lambda name: object()\n"
        "assert memory.keep_freed_memory() is False"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
