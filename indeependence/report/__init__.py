"""From accuracies to figures, a table, plots and a page."""

from indeependence.report.metrics import (
    FORGETTING_FORMULA,
    accuracy_on_seen,
    anytime_accuracy,
    average_accuracy,
    average_incremental_accuracy,
    backward_transfer,
    confusion_matrix,
    forgetting,
    forgetting_per_task,
    forward_transfer,
    intransigence,
    learning_accuracy,
    per_class_accuracy,
)
from indeependence.report.result import Mistake, Result
from indeependence.report.write import write_report

__all__ = [
    "FORGETTING_FORMULA",
    "Mistake",
    "Result",
    "accuracy_on_seen",
    "anytime_accuracy",
    "average_accuracy",
    "average_incremental_accuracy",
    "backward_transfer",
    "confusion_matrix",
    "forgetting",
    "forgetting_per_task",
    "forward_transfer",
    "intransigence",
    "learning_accuracy",
    "per_class_accuracy",
    "write_report",
]
