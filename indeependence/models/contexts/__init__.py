"""Contexts: one model for each distribution of inputs; a test input goes to the one under which it is likeliest.

gaussian (sums of the inputs) → novelty (does a batch fit any?) → context (encoder, sums, weights) → learning →
readout (scores) → classifier, and storage for its file.
"""


def usual_contexts(scenario: str, layers: str) -> str:
    """Return the default number of contexts for a scenario: "task" (one for each task) or "one".

    Inputs of permuted tasks have little in common. There are no "best" layers for contexts.

    >>> usual_contexts("permuted", "auto"), usual_contexts("permuted", "best"), usual_contexts("split", "auto")
    ('task', 'one', 'one')
    """
    return "task" if scenario == "permuted" and layers != "best" else "one"
