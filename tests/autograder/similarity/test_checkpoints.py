"""The same weights are the same in another file; a file is never loaded, whatever it holds."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from autograder.similarity.agreement import same_weights
from autograder.similarity.checkpoints import content
from autograder.similarity.reading import Handed
from tests.autograder.similarity.made_class import weights


def saved_by_torch(seed: int, name: str) -> bytes:
    state = {name: torch.randn(3, 4, generator=torch.Generator().manual_seed(seed)), "bias": torch.zeros(2)}
    stream = io.BytesIO()
    torch.save({"state_dict": state, "epoch": len(name)}, stream)
    return stream.getvalue()


def test_names_and_remarks_in_the_file_say_nothing() -> None:
    tensors = {"a": np.arange(4.0), "b": np.ones(2)}
    renamed = save({"y": tensors["b"], "x": tensors["a"]}, metadata={"by": "boris"})
    assert content(save(tensors)) == content(renamed) != content(save({**tensors, "b": np.zeros(2)}))


def test_a_ckpt_is_known_by_its_tensors() -> None:
    one, other = saved_by_torch(1, "weight"), saved_by_torch(1, "layer.weight")
    assert one != other
    assert content(one) == content(other) != content(saved_by_torch(2, "weight"))


def test_no_pickle_is_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "ran"),)  # type: ignore[return-value]

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Trap()))
        archive.writestr("model/data/0", b"1234")
    content(packed.getvalue())
    content(pickle.dumps(Trap()))
    assert not (tmp_path / "ran").exists()


def test_what_is_packed_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data/0", b"\0" * 10**7)
    other = packed.getvalue() + b" "
    assert content(packed.getvalue()) != content(other), "the file itself is compared"


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"\0" * 40, b"\xff" * 100, weights(1)[:-3]])
def test_a_broken_file_equals_only_itself(data: bytes) -> None:
    assert content(data) == content(bytes(data)) != content(data + b"x")


def test_groups_of_several_people_that_are_not_one_team() -> None:
    same = content(weights(1))
    handed = [Handed(name, {}, same) for name in ("anna", "boris")]
    handed += [Handed("vera", {}, content(weights(2))), Handed("gleb", {}, ""), Handed("dana", {}, "")]
    assert same_weights(handed, {}) == (("anna", "boris"),)
    assert same_weights(handed, dict.fromkeys(("anna", "boris"), "1")) == ()
    assert same_weights(handed, {"anna": "1", "boris": "2"}) == (("anna", "boris"),)
    assert same_weights(handed, {"anna": "1"}) == (("anna", "boris"),)
