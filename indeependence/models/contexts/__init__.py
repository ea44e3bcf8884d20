"""Contexts: one model for each distribution of inputs; which one a test input belongs to, its likelihood tells.

gaussian (sums of the inputs) → novelty (does a batch fit any?) → context (encoder, sums, weights) → learning →
readout (scores) → classifier, and storage for its file.
"""


def usual_contexts(scenario: str, layers: str) -> str:
    """How many contexts a scenario of that name is learned with where nobody says: "task", one each, or "one".

    Inputs of permuted tasks have little in common. A context's encoder has no best layers of its own.

    >>> usual_contexts("permuted", "auto"), usual_contexts("permuted", "best"), usual_contexts("split", "auto")
    ('task', 'one', 'one')
    """
    return "task" if scenario == "permuted" and layers != "best" else "one"
