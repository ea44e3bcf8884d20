"""The simulated network of ``benchmarks/network.py``: against what can be said in closed form, and against sense."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.moments.moments import Moments
from indeependence.moments.storage import pack
from tests import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from network import MEASURED, Network, Work, piece_of, seconds, simulated, sum_bytes  # noqa: E402

WORK = st.builds(Work, st.integers(1, 40), st.floats(0.1, 10), st.floats(0, 1), st.floats(0, 1e9))
NETWORK = st.builds(Network, st.floats(0, 0.1), st.floats(1e7, 1e10), st.floats(0, 0.01))
SPEEDS = st.lists(st.floats(0.25, 4), min_size=1, max_size=9)


@given(st.integers(0, 7), WORK, NETWORK)
def test_a_shard_for_each_of_equal_workers_meets_in_a_tree(depth, work, network):
    workers = 2**depth
    network = replace(network, dispatch=0.0)
    took = simulated(replace(work, shards=workers), network, [1.0] * workers)
    closed = work.seconds + depth * (network.message(work.size) + work.add) + network.message(work.size)
    assert took == pytest.approx(closed)


@given(WORK, NETWORK)
def test_one_worker_does_all_one_after_another_and_sends_once(work, network):
    took = simulated(work, replace(network, dispatch=0.0), [1.0])
    assert took == pytest.approx(work.shards * work.seconds + (work.shards - 1) * work.add + network.message(work.size))


@given(WORK, NETWORK, SPEEDS)
def test_nothing_is_quicker_than_its_work_and_its_last_message(work, network, speeds):
    took = simulated(work, network, speeds)
    assert took >= work.shards * work.seconds / sum(speeds) + network.message(work.size) - 1e-9
    assert took >= work.seconds / max(speeds) + math.ceil(math.log2(work.shards)) * work.add / max(speeds)
    assert took >= (work.shards - 1) * network.dispatch


@given(WORK, NETWORK, SPEEDS)
def test_a_network_twice_as_good_takes_no_longer(work, network, speeds):
    better = Network(network.latency / 2, network.bandwidth * 2, network.dispatch)
    assert simulated(work, better, speeds) <= simulated(work, network, speeds) + 1e-9


@pytest.mark.parametrize("examples", [7, 300, 66_300])
def test_a_sum_travels_in_no_more_bytes_than_the_model_says(examples):
    rows, units = min(examples, 300), 40
    codes = np.full((rows, units), 255, np.uint8)
    sums = Moments.empty("encoder", units).learn([(codes, np.arange(rows) % 5)])
    sums = replace(sums, products=sums.products * (examples // rows), cross=sums.cross * (examples // rows))
    _, arrays = pack(sums)
    assert arrays["products"].nbytes + arrays["cross"].nbytes <= sum_bytes(units, 5, examples)
    assert arrays["products"].nbytes == sum_bytes(units, 0, examples) or examples == 7


def test_more_workers_are_quicker_until_their_messages_outweigh_the_work():
    times = [seconds(MEASURED, 1e9, workers, piece=1e6 * workers) for workers in (1, 10, 100, 1000)]
    assert times == sorted(times, reverse=True) and times[0] / times[3] > 500
    few = [simulated(piece_of(MEASURED, 1e4, workers), Network(0.1), [1.0] * workers) for workers in (10, 1000)]
    assert few[1] > few[0]
