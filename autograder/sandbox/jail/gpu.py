"""What CUDA needs of the machine inside a worker: device nodes and files that its libraries open. Nothing runs here.

Sources: the README of NVIDIA's Linux driver ("Device nodes"), its container toolkit (which nodes and files a container
gets), and reports of sandboxes that drivers of the 570 series did not start in: they write names of threads to
/proc/PID/task/TID/comm, read /proc/driver/nvidia and its neighbour nvidia-uvm, make a file without a name
(memfd_create), and bind and listen to a unix socket without a path; each refusal ends in "CUDA error 304".
"""

from __future__ import annotations

from pathlib import Path

# `nvidia-caps` are parts of a divided GPU (MIG), `-imex-channels` memory of GPUs in several machines; `dxg` is WSL2.
_NODES = (
    "nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps/nvidia-cap[0-9]*",
    "nvidia-caps-imex-channels/channel[0-9]*", "dxg",
)  # fmt: skip
# Which processors and which memory are near which device.
SYSTEM_FILES = (Path("/sys/devices/system/node"), Path("/sys/devices/system/memory/block_size_bytes"))
PROC_FILES = tuple(Path("/proc", name) for name in (
    "driver/nvidia", "driver/nvidia-uvm", "driver/nvidia-caps", "devices", "modules", "sys/vm/mmap_min_addr",
))  # fmt: skip


def nodes(dev: Path = Path("/dev")) -> list[Path]:
    """Device nodes of all GPUs of this machine, those in folders included; empty without one."""
    return sorted(path for pattern in _NODES for path in dev.glob(pattern) if not path.is_dir())
