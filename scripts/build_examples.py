"""Rebuild `examples/submissions`: a small class as it really looks, from right to hostile.

Everything is made from the reference and the release, so the class never falls behind them; a test rebuilds it and
compares. What each submission must score stands in `examples/expected.toml`, written by hand.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from autograder.course.assignment import find_assignment, package_root
from autograder.course.edition import read_package
from autograder.release.bundle import release
from autograder.release.notebook import read_notebook, write_notebook
from autograder.validation.class_of_variants import reference_package
from autograder.validation.solved_notebook import fill_solutions, solution_sources

ROOT = Path(__file__).parent.parent
NAME = "seminar_cnn"
PARTS = Path(__file__).parent / "examples"
"""Code that the wrong and hostile students wrote instead of the reference, one file per student."""

NUMERIC = ("B1", "C1", "D2", "F1", "D4", "D5", "G1", "I1", "K2", "J1")

ANSWERS = {
    "W-filter": "Фильтр 3: слева веса положительные, справа отрицательные. На цифре 16 карта большая у правого края "
    "штриха, а у левого отрицательная: там под положительными весами фон, а под отрицательными чернила.",
    "W-input": "Два канала, ядро 1x1: картинка 1 и 0, ядра 1 и 0. Верно 1, а функция отвечает 0,5.",
}
"""What one of the students wrote in words; the third answer is missing."""


def build(out: Path) -> None:
    """Write every submission below `out`, which must not exist."""
    assignment = find_assignment(NAME, ROOT / "assignments")
    cells = solution_sources(assignment.manifest, read_package(package_root()), assignment.edition)
    checkpoint = (assignment.folder / "model.safetensors").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        release(assignment.folder, bundle, "ru")
        released = (bundle / f"{NAME}.ipynb").read_text(encoding="utf-8")

    def notebook(
        student: str, sources: dict[str, str], answers: Mapping[str, str] = MappingProxyType({})
    ) -> Path:
        target = out / student
        target.mkdir(parents=True)
        written = fill_solutions(read_notebook(released), sources)
        for cell in written.cells:
            cell.source = answers.get(cell.id, cell.source)
        write_notebook(written, target / f"{NAME}.ipynb")
        return target

    def numeric(**changed: str) -> dict[str, str]:
        return {task: cells[task] for task in NUMERIC} | changed

    def part(name: str) -> str:
        return (PARTS / f"{name}.py").read_text(encoding="utf-8").rstrip("\n")

    (notebook("reference_notebook", cells) / "model.safetensors").write_bytes(checkpoint)
    package = out / "reference_package"
    for name, content in reference_package(assignment.manifest).items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes(content)
    (package / "model.safetensors").write_bytes(checkpoint)
    notebook("stub", {})
    different = out / "written_differently"
    different.mkdir()
    (different / "solution.py").write_text(part("written_differently") + "\n", encoding="utf-8")
    notebook("wrong_flipped_kernel", numeric(F1=part("wrong_flipped_kernel")))
    notebook("wrong_stride_pair", numeric(F1=part("wrong_stride_pair")), ANSWERS)
    notebook("wrong_softmax_in_loss", cells | {"K2": part("wrong_softmax_in_loss")})
    notebook("wrong_top5_order", numeric(J1=part("wrong_top5_order")))
    notebook("syntax_error", numeric(G1=part("syntax_error")))
    notebook("endless_loop", numeric(G1=part("endless_loop")))
    notebook("quits_with_success", numeric(F1=part("quits_with_success")))
    notebook("memory_bomb", numeric(F1=part("memory_bomb")))
    notebook("patched_allclose", {"F1": part("patched_allclose")})
    _messy_notebook(notebook("broken_plot_and_magic", numeric()) / f"{NAME}.ipynb", part("broken_plot_cells"))
    _zip_upload(notebook("tmp", numeric()), out / "zip_from_windows.zip")
    (out / "not_a_zip.zip").write_bytes(b"This is a text file that somebody renamed.\n")


def _messy_notebook(path: Path, extra: str) -> None:
    """Insert cells that only a running kernel could survive, between the good ones; drop a locked test cell."""
    import nbformat

    notebook = read_notebook(path.read_text(encoding="utf-8"))
    sources = extra.split("# ---\n")
    for number, source in enumerate(sources):
        cell = nbformat.v4.new_code_cell(source.strip("\n"), id=f"extra-{number}")
        notebook.cells.insert(2 + 4 * number, cell)
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") != "G1-test"]
    write_notebook(notebook, path)


def _zip_upload(folder: Path, target: Path) -> None:
    """One nested folder with a Russian name in the code page of old Windows, and the litter of a Mac."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = f"домашка/{path.relative_to(folder)}".encode("cp866").decode("cp437")
                archive.writestr(_entry(name), path.read_bytes())
        archive.writestr(_entry("__MACOSX/._x"), b"litter")
    shutil.rmtree(folder)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(2026, 11, 1, 12, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.flag_bits = 0
    return info


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "examples" / "submissions")
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory(dir=ROOT / "examples") as folder:
        fresh = Path(folder) / "submissions"
        build(fresh)
        if out.exists():
            shutil.rmtree(out)
        shutil.move(fresh, out)


if __name__ == "__main__":
    main()
