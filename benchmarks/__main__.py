"""Run every benchmark: `python -m benchmarks`."""

from __future__ import annotations

import subprocess
import sys

for name in (
    "recipe",
    "grading",
    "overhead",
    "loading",
    "growth",
    "sandbox",
    "interpret",
    "embedding",
    "pages",
):
    print(f"== benchmarks.{name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
