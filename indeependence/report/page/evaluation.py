"""The page of an evaluation."""

from __future__ import annotations

from indeependence.report.formatting import compared_bytes, percent, points, readable_bytes, readable_seconds
from indeependence.report.page import inside_sections, task_sections
from indeependence.report.page.class_sections import class_contents
from indeependence.report.page.document import DATA, HALF, Figure, Section, document, plot
from indeependence.report.result import Result


def evaluation_page(result: Result) -> str:
    """Return the page of an evaluation as text; every name in it is escaped.

    Matrices of more than 25 rows or columns are drawn; long lists are cut to the rows that matter most, and say so.
    """
    few = len(result.test_names) <= HALF
    fingerprints = {"model": result.model_sha256, "encoder": result.encoder_sha256}
    contents = [
        Section("Accuracy matrix", task_sections.accuracy_matrix_section(result), half=few),
        Section("Learning curves", task_sections.learning_curve_section(result), half=few),
        Section("Forgetting", task_sections.forgetting_section(result)),
        *class_contents(result),
        *(
            Section(gallery.title, inside_sections.gallery_section(gallery), half=True)
            for gallery in result.inside.galleries
        ),
        Section("Spectrum of the code", inside_sections.spectrum_section(result.inside), half=True),
        Section("Time and memory", task_sections.cost_section(result)),
        Section("How to run it again", inside_sections.command_section(result.command, result.options, fingerprints)),
    ]
    files = {**DATA, "Accuracy matrix": plot("accuracy_matrix"), "Learning curves": plot("learning_curve")}
    return document(_title(result), _summary(result), _headline(result), contents, files)


def _title(result: Result) -> str:
    return f"{percent(result.average_accuracy)} % on {result.data}, {result.scenario}, {result.setting}-incremental"


def _summary(result: Result) -> str:
    tasks, examples = len(result.task_names), sum(result.examples_per_task)
    learned = f"{examples:,} examples in {tasks} {'part' if tasks == 1 else 'parts'}"
    return f"{learned}; encoder {result.encoder}; seed {result.seed}."


def _headline(result: Result) -> list[Figure]:
    """Return the figures at the top; transfer only where it is defined."""
    transfers = [
        ("Backward transfer", result.backward_transfer, "points, what later tasks did to earlier ones"),
        ("Forward transfer", result.forward_transfer, "points above chance, before a task was learned"),
    ]
    learning, sums, data = result.learning_accuracy, result.statistics_bytes, result.data_bytes
    incremental, lost = result.average_incremental_accuracy, result.forgetting
    return [
        Figure("Average accuracy", f"{percent(result.average_accuracy)} %", "over all test sets, after the last part"),
        *([] if incremental is None else [Figure("Incremental", f"{percent(incremental)} %", "mean after each part")]),
        *([] if lost is None else [Figure("Forgetting", percent(lost), "points, below the best so far")]),
        *(Figure(name, points(value), note) for name, value, note in transfers if value is not None),
        *([] if learning is None else [Figure("Learning accuracy", f"{percent(learning)} %", "right after each task")]),
        Figure("Stored examples", f"{result.stored_examples:,}", f"of {sum(result.examples_per_task):,} seen"),
        Figure("Size of the sums", readable_bytes(sums), f"{compared_bytes(sums, data)} ({readable_bytes(data)})"),
        Figure("Time", readable_seconds(result.wall_seconds), f"{readable_seconds(result.cpu_seconds)} of CPU time"),
    ]
