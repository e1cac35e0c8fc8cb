"""The file format of MNIST: four numbers of four bytes, big-endian, then one byte per value.

Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hw_cnn.data import errors

MEND = "delete the folder and run again with a network: it is downloaded anew"


def read(path: Path, shape: tuple[int, ...]) -> Tensor:
    """Read an array of bytes with any number of values of `shape`: (N, *shape) uint8.

    Raises: DataError when the file cannot be read, is no such array, or does not have the length that it declares.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise errors.DataError(f"cannot read {path}: {error.strerror or error}; {MEND}") from error
    size = 4 * (2 + len(shape))
    if len(content) < size:
        raise errors.DataError(f"{path} is broken: {len(content)} bytes instead of at least {size}; {MEND}")
    magic, count, *sizes = struct.unpack(f">{2 + len(shape)}i", content[:size])
    # 0x08 is the code of unsigned bytes, the next byte the number of axes.
    if magic != 0x0800 + 1 + len(shape) or tuple(sizes) != shape:
        raise errors.DataError(
            f"{path} is broken: its header says {magic:#06x} {tuple(sizes)} instead of "
            f"{0x0800 + 1 + len(shape):#06x} {shape}; {MEND}"
        )
    expected = size + count * int(np.prod(shape, dtype=np.int64))
    if len(content) != expected:
        raise errors.DataError(f"{path} is broken: {len(content):,} bytes instead of {expected:,}; {MEND}")
    array = np.frombuffer(bytearray(content), dtype=np.uint8, offset=size)
    return torch.from_numpy(array).view(count, *shape)
