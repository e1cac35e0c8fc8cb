"""nbgrader's steps of `autograde`, with our results in place of a kernel; named in the generated settings.

Students' cells do not run: the marks are those of `autograder grade`. Of a student who has no such result nothing is
marked, and one sentence says so. Assignments that are not ours go through nbgrader's own steps.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, Execute, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Dict, Unicode

from autograder.course.manifest import Manifest
from autograder.errors import GraderError, UsageError
from autograder.gradebook.structure import refuse_other_cells
from autograder.gradebook.words import check_output
from autograder.gradebook.writing import Place, withdraw_marks, write_marks
from autograder.intake.sources.cells import CHECK_SUFFIX
from autograder.results.marked import Marked, with_beside
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store

# A time that another table has rounded to the minute is the same time.
SLACK = 60.0

OTHER_PART = (
    "grade what was released, with the --tasks that `nbgrader-setup` has printed, into an empty folder"
)

Found = tuple[Manifest, Marked]


class AutograderResults(NbGraderPreprocessor):  # type: ignore[misc]  # the base class has no types
    """What the steps share: which assignments are ours, and the result of one student."""

    results = Dict(
        key_trait=Unicode(), value_trait=Unicode(), help="Assignment -> the --out of its `autograder grade`."
    ).tag(config=True)

    def is_ours(self, resources: Any) -> bool:
        """Whether the marks of this assignment are ours."""
        return resources["nbgrader"]["assignment"] in self.results

    def find(self, resources: Any) -> Found:
        """Manifest and result of the student. Raises: UsageError that says why there is none of this work."""
        own = resources["nbgrader"]
        folder, student = Path(self.results[own["assignment"]]), own["student"]
        manifest, store = stored_manifest(folder), Store(folder)
        grade = store.load(student)
        if grade is None or grade.status == "missing":
            raise UsageError(
                f"{folder} has no result of {student}: run `autograder grade`, then this once more"
            )
        one = with_beside(manifest, grade, store.beside(manifest))
        with Gradebook(own["db_url"]) as gradebook:
            came = gradebook.find_submission(own["assignment"], student).timestamp
            notebook = gradebook.find_notebook(own["notebook"], own["assignment"])
            cells = {cell.name: cell.max_score for cell in notebook.grade_cells}
        refuse_other_cells(manifest, cells, f"{own['assignment']}/{own['notebook']}", OTHER_PART)
        known = grade.submitted_at or grade.started_at
        if came is not None and (came.replace(tzinfo=UTC) - known).total_seconds() > SLACK:
            raise UsageError(
                f"the result of {student} in {folder} is of earlier work than what lies in `submitted`: run "
                "`autograder grade` again, then this once more"
            )
        return manifest, one


class TakeResults(AutograderResults, Execute):  # type: ignore[misc]
    """In place of running the notebook: below each check cell stands what our tests have found."""

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> Any:
        """nbgrader's own step, for a notebook of ours without a kernel."""
        if not self.is_ours(resources):
            return super().preprocess(nb, resources, km)
        try:
            manifest, one = self.find(resources)
        except (UsageError, GraderError) as error:
            self.log.error("%s is left without a mark: %s", resources["nbgrader"]["student"], error)
            return nb, resources
        said = {f"{task.id}{CHECK_SUFFIX}": check_output(task, one) for task in manifest.tested}
        for cell in nb.cells:
            text = said.get(cell.metadata.get("nbgrader", {}).get("grade_id"), "")
            if cell.cell_type == "code" and text:
                cell.outputs = [new_output("stream", name="stdout", text=text)]
        return nb, resources


class SaveResults(AutograderResults, SaveAutoGrades):  # type: ignore[misc]
    """In place of counting outputs: our marks and comments, or none, which a person has to see to."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """nbgrader's own step, for a notebook of ours what counts here."""
        if not self.is_ours(resources):
            return super().preprocess(nb, resources)
        own = resources["nbgrader"]
        place = Place(own["assignment"], own["notebook"])
        with Gradebook(own["db_url"]) as gradebook:
            try:
                manifest, one = self.find(resources)
            except (UsageError, GraderError):
                withdraw_marks(gradebook, place, own["student"])
            else:
                for said in write_marks(gradebook, place, manifest, one):
                    self.log.warning("Kept as somebody has set it in formgrader: %s", said)
        return nb, resources


class KeepPenalties(AutograderResults, AssignLatePenalties):  # type: ignore[misc]
    """In place of nbgrader's rule for lateness, which would take it off a second time."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """nbgrader's own step, for a notebook of ours nothing: `SaveResults` has written what lateness takes."""
        return (nb, resources) if self.is_ours(resources) else super().preprocess(nb, resources)
