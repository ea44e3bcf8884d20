"""One change of a model at a time: threads that change the same model wait for each other, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock, RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

Method = TypeVar("Method", bound=Callable[..., Any])

# Not in the models themselves: a lock can be neither copied nor pickled, and is no part of what was learned.
_LOCKS: WeakKeyDictionary[object, RLock] = WeakKeyDictionary()
_GUARD = Lock()


@contextmanager
def alone_with(model: object) -> Iterator[None]:
    """Let no other thread change ``model`` inside the block."""
    with _GUARD:
        lock = _LOCKS.setdefault(model, RLock())
    with lock:
        yield


def alone(method: Method) -> Method:
    """Return the ``method`` of a model, which then runs in one thread at a time.

    >>> class Counter:
    ...     count = 0
    ...
    ...     @alone
    ...     def add(self):
    ...         self.count += 1
    >>> counter = Counter()
    >>> counter.add(), counter.count
    (None, 1)
    """

    @wraps(method)
    def guarded(self: object, *args: Any, **kwargs: Any) -> Any:
        with alone_with(self):
            return method(self, *args, **kwargs)

    return guarded  # type: ignore[return-value]
