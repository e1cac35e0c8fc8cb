"""Scripts as cells: the marks of editors and exporters, and that a broken cell costs itself only."""

from __future__ import annotations

import pytest

from tests.autograder.intake.sources.support import read, run, said


@pytest.mark.parametrize(
    "mark",
    [
        "# %%",
        "#%%",
        "# %% Task F1",
        "# In[3]:",
        "# In[ ]:",
        "# In[*]:",
        "# In [3]:",
        "# <codecell>",
        "# %% [code]",
    ],
)
def test_marks_of_cells(mark: str) -> None:
    code = read({"a.py": f"x = 1\n{mark}\ny = (\n{mark}\nz = 3\n"})
    assert [(chunk.source.strip(), chunk.first_line, chunk.filename) for chunk in code.chunks] == [
        ("x = 1", 1, "a.py"), ("z = 3", 5, "a.py")
    ]  # fmt: skip
    assert said(code) == ["a.py: syntax error in line 3 ('(' was never closed)"]


@pytest.mark.parametrize("mark", ["# %%time", "# %%bash", "# %%%", "## %%", "x = 1  # %%", "#  In the end"])
def test_what_is_no_mark(mark: str) -> None:
    assert len(read({"a.py": f"x = 1\n{mark}\ny = 2\n"}).chunks) == 1


@pytest.mark.parametrize(
    "mark",
    [
        "# %% [markdown]",
        "#%% [md]",
        "# %% Title [markdown] key=1",
        "# %% [raw]",
        "# <markdowncell>",
        "# <rawcell>",
    ],
)
def test_text_cells_are_no_code(mark: str) -> None:
    code = read({"a.py": f"x = 1\n{mark}\nthis is text (\n# %%\ny = 2\n"})
    assert (run(code)["y"], said(code)) == (2, [])


def test_marks_inside_of_statements_are_none() -> None:
    source = 'def f():\n    x = 1\n# %%\n    return x\n\ntext = """\n# In[1]:\n"""\n# %%\ny = f()\n'
    code = read({"a.py": source})
    assert [chunk.first_line for chunk in code.chunks] == [1, 10]
    assert run(code)["y"] == 1


def test_ids_of_cells() -> None:
    source = (
        '# %% id="F1"\nx = 1\n'
        '# %% nbgrader={"grade": true, "grade_id": "F1-test"}\ny = 1\n'
        '# %% tags=["G1"] id="other"\nz = 1\n'
    )
    ids = [(set(chunk.ids), set(chunk.checks)) for chunk in read({"a.py": source}).chunks]
    assert ids == [({"F1"}, set()), (set(), {"F1"}), (set(), set())]


def test_a_script_without_marks_is_one_chunk_in_which_magics_are_read() -> None:
    code = read({"a.py": "!pip install x\nx = 1\n\n%matplotlib inline\ny = 1 / 0\n"})
    assert len(code.chunks) == 1
    with pytest.raises(ZeroDivisionError) as caught:
        run(code)
    assert caught.traceback[-1].lineno + 1 == 5


def test_cells_that_colab_has_commented_out() -> None:
    head = "# Commented out IPython magic to ensure Python compatibility.\n"
    source = (
        f"{head}# %matplotlib inline\nx = 1\n\n{head}# %%time\n# def f():\n# \n#     return x\n\ny = f()\n"
    )
    assert run(read({"a.py": source}))["y"] == 1
    source = f"x = 1\n{head}# %%capture\n# !pip install unsloth\n# x = 2\n"
    assert run(read({"a.py": source}))["x"] == 2
    source = f"x = 1\n\n{head}# %%bash\n# x = 2\n\ny = 1\n"
    assert run(read({"a.py": source})).items() >= {"x": 1, "y": 1}.items()


def test_lines_in_messages_are_those_of_the_file() -> None:
    code = read({"a.py": "# %%\nx = 1\n\n# %%\n!ls\ny = x / 0\n"})
    with pytest.raises(ZeroDivisionError) as caught:
        run(code)
    assert caught.traceback[-1].lineno + 1 == 6
