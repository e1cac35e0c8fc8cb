"""Train the reference once (seed 0) and keep its weights: the checkpoint that reference submissions hand in.

Written to assignments/seminar_cnn/model.safetensors, float32 on the CPU, the state dict of the SeminarCNN alone.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from hw_cnn import DigitsDataModule, train_seminar

TARGET = Path(__file__).parent.parent / "assignments" / "seminar_cnn" / "model.safetensors"


def main() -> None:
    torch.set_num_threads(1)
    module = train_seminar(DigitsDataModule(), seed=0, accelerator="cpu")
    save_file({name: value.contiguous() for name, value in module.model.state_dict().items()}, TARGET)
    print(f"{TARGET.stat().st_size} bytes in {TARGET.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
