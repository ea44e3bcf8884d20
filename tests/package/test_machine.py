"""Threads of matrix products: limited in any order of blocks, and given back. Memory: how much, and kept or not."""

import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from indeependence import ContinualClassifier
from indeependence.machine import MOST, available_cores, limited_threads, memory, one_of_few, threads_for
from tests import ROOT


def blas():
    """The threads of each library of matrix products."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture(scope="module", autouse=True)
def two_threads():
    """Two threads to begin with, also on one core."""
    with threadpool_limits(2):
        yield


@given(st.data())
def test_blocks_that_end_in_any_order_give_the_threads_back(data):
    asked = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=5))
    before, open_blocks = blas(), []
    for threads in asked:
        open_blocks.append((threads, ExitStack()))
        open_blocks[-1][1].enter_context(limited_threads(threads))
    for place in data.draw(st.permutations(range(len(asked)))):
        least = min(threads for threads, stack in open_blocks if stack)
        assert set(blas()) == {least}
        open_blocks[place][1].close()
        open_blocks[place] = (9, None)
        left = [threads for threads, stack in open_blocks if stack]
        assert set(blas()) == ({min(left)} if left else set(before))
    assert blas() == before


def test_a_block_that_raises_gives_the_threads_back():
    before = blas()
    with pytest.raises(KeyError), limited_threads(1), limited_threads(None):
        assert set(blas()) == {1}
        raise KeyError
    assert blas() == before


def test_a_generator_that_is_closed_half_way_gives_the_threads_back():
    def numbers():
        with limited_threads(1):
            yield from range(3)

    before, some = blas(), numbers()
    assert next(some) == 0 and set(blas()) == {1}
    some.close()
    assert blas() == before


def test_eight_threads_that_predict_leave_the_threads_as_they_were(monkeypatch):
    monkeypatch.setattr("indeependence.encoder.encoder.WORTH", 1)  # so that each of them starts two
    x = np.random.default_rng(0).random((60, 4))
    model, before = ContinualClassifier("wide:20", n_jobs=2).fit(x, np.arange(60) % 2), blas()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: model.predict(x).tolist(), range(60)))
    assert blas() == before and all(answer == answers[0] for answer in answers)


def test_absurd_numbers_of_threads_are_no_error():
    before = blas()
    with limited_threads(10**21):
        assert max(blas()) <= MOST
    assert blas() == before


def test_jobs_below_zero_leave_cores_free():
    cores = available_cores()
    assert [threads_for(jobs) for jobs in (-1, -cores, -(10**9), None, 10**9)] == [cores, 1, 1, cores, MOST]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_as_many_threads_as_cores_work_at_once_and_a_forked_process_waits_for_none():
    inside, most = [], []

    def work(number):
        with one_of_few():
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.01)
            inside.remove(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(16)))
    assert max(most) <= available_cores()
    with ExitStack() as stack:
        for _ in range(available_cores()):
            stack.enter_context(one_of_few())
        forked = os.fork()
        if not forked:
            os._exit(0 if one_of_few().acquire(blocking=False) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0


@pytest.mark.parametrize("limit, expected", [("1000000", 1000000), ("max", None), (str(2**62), None)])
def test_memory_is_what_a_container_may_use(limit, expected, tmp_path, monkeypatch):
    (tmp_path / "limit").write_text(limit + "\n")
    monkeypatch.setattr("indeependence.machine.CONTAINER", (tmp_path / "limit", tmp_path / "missing"))
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert memory() == (expected or whole)


FAULTS = """
import resource, sys
import numpy as np
from indeependence.machine import keep_freed_memory
if sys.argv[1:]:
    assert keep_freed_memory()
for _ in range(50):
    one, other = np.full(2**20, 1.0), np.full(2**20, 2.0)  # 8 MiB each, freed together
    del one, other
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_a_worker_of_dask_does_not_ask_for_the_memory_of_each_batch_anew():
    environment = {**os.environ, "MALLOC_TRIM_THRESHOLD_": "65536"}  # as Dask sets it
    plain, kept = (
        int(subprocess.check_output([sys.executable, "-c", FAULTS, *given], env=environment, cwd=ROOT))
        for given in ([], ["keep"])
    )
    assert kept < plain / 2
