"""Which device nodes a worker for a GPU gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox.jail import gpu

WHOLE = ["nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "nvidia0", "nvidia1", "nvidiactl"]
PARTS = ["nvidia-caps/nvidia-cap1", "nvidia-caps/nvidia-cap22", "nvidia-caps-imex-channels/channel0"]


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        (["null", "sda", "dri/card0", "nvme0"], []),
        ([*WHOLE, "null", "nvidia-fs0"], WHOLE),
        ([*WHOLE, *PARTS, "nvidia-caps/other"], [*WHOLE, *PARTS]),
        (["dxg", "null"], ["dxg"]),
    ],
)
def test_all_nodes_of_gpus_and_their_parts_and_no_others(
    tmp_path: Path, there: list[str], wanted: list[str]
) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "nvidia9").mkdir()
    assert gpu.nodes(tmp_path) == sorted(tmp_path / name for name in wanted)


def test_no_file_of_another_process_is_among_those_that_cuda_reads() -> None:
    for path in (*gpu.PROC_FILES, *gpu.SYSTEM_FILES):
        assert path.is_relative_to("/proc") or path.is_relative_to("/sys/devices/system")
        assert "net" not in path.parts
        assert not any(part.isdigit() or part == "self" for part in path.parts)
