"""The history of models: an audit log of one JSON object a line, each sealed by the hash of the line before.

`append` adds a `Step`, `read` returns the entries of a log whose chain is intact, `verify` compares a model with it. No
example ever stands in a log: counts, names of classes and files, and fingerprints do.
"""

from indeependence.history.course import verify
from indeependence.history.entry import Entry, State, Step
from indeependence.history.log import append, read

__all__ = ["Entry", "State", "Step", "append", "read", "verify"]
