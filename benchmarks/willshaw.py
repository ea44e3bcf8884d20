"""How many pairs a Willshaw memory holds, and how it recalls from bad cues.

    python benchmarks/willshaw.py

Random codes, so no data are needed. Capacity is told beside its limit for very large memories: ln 2 bit a synapse for
pairs (Willshaw et al. 1969), ln 2 / 4 for codes that complete themselves from cues of half their bits (Knoblauch &
Palm 2020 on both), where only what the cue did not tell is counted.
"""

from collections.abc import Callable
from functools import partial
from math import log, log2
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row

from indeependence.binary_codes.sdr import SDR, overlap
from indeependence.binary_codes.willshaw import WillshawMemory, recalled_bits

Held = Callable[[int, int, int, int], tuple[float, float]]  # units, active, codes, seed: bits a synapse, share set

ASKED = 500  # codes that are recalled
DAMAGES = (
    (0, 0),
    (0.3, 0),
    (0.5, 0),
    (0.3, 0.3),
    (0.5, 0.5),
)  # shares of a cue's bits that are missing, and wrong ones
CAPACITY = (
    "| units | active | codes | load | bits a synapse | of the limit |\n"
    "| {units} | {active.mean:.0f} | {codes.mean:,.0f} | {load.mean:.2f} | {bits:.3f} | {share.mean:.0f} % |"
)
RECALL = (
    "| cue: bits missing | wrong ones added | bits right | after 3 steps |\n"
    "| {missing} | {wrong} | {once.mean:.1f} % | {thrice.mean:.1f} % |"
)


@click.command()
@frame.option("--units", "sizes", multiple=True, type=int, default=[256, 512, 1024, 2048, 4096])
@frame.option("--seeds", default=5)
@frame.output_option("willshaw")
def main(sizes: tuple[int, ...], seeds: int, output: Path) -> None:
    """Print both capacities by size, and recall by damage to the cue."""
    facts = frame.header(range(seeds))
    kinds = {
        "pairs": (stored, (0.6, 0.8, 1.0, 1.2), log(2)),
        "completion": (completed, (0.2, 0.3, 0.4, 0.5, 0.6, 0.8), log(2) / 4),
    }
    tables = {
        name: (CAPACITY, [row for units in sizes for row in capacity(units, range(seeds), *how)])
        for name, how in kinds.items()
    }
    recalled = frame.over_seeds(partial(recall, min(sizes[-1], 1024)), range(seeds))
    frame.publish(output, facts, **tables, recall=(RECALL, recalled))


def capacity(units: int, seeds: range, held: Held, fills: tuple[float, ...], limit: float) -> list[Row]:
    """Return what a memory holds at the number of codes that another seed chose."""
    active = max(2, round(log2(units)))
    counts = [round(fill * log(2) * units**2 / active**2) for fill in fills]
    best = max(counts, key=lambda count: held(units, active, count, 1000)[0])

    def run(seed: int) -> list[Row]:
        bits, load = held(units, active, best, seed)
        return [{"active": active, "codes": best, "load": load, "bits": bits, "share": 100 * bits / limit}]

    return frame.over_seeds(run, seeds, units=str(units))


def stored(units: int, active: int, count: int, seed: int) -> tuple[float, float]:
    """Return bits a synapse that can be recalled of ``count`` pairs, and the share of synapses that are set."""
    cues, targets = drawn(count, units, active, 2 * seed), drawn(count, units, active, 2 * seed + 1)
    memory = WillshawMemory.empty(units).learn(cues, targets)
    told = recalled_bits(targets[:ASKED], memory.recall(cues[:ASKED]))
    return count * told / units**2, memory.load


def completed(units: int, active: int, count: int, seed: int) -> tuple[float, float]:
    """Return bits a synapse that codes stored with themselves gain from half of their bits, and the share set."""
    codes = drawn(count, units, active, seed)
    memory, asked = WillshawMemory.empty(units).learn(codes), codes[:ASKED]
    cues = damaged(asked, active - active // 2, 0, seed)
    told = recalled_bits(asked, memory.recall(cues, active=active, steps=3), cues)
    return count * told / units**2, memory.load


def recall(units: int, seed: int) -> list[Row]:
    """Return the bits right of auto-association at half of the pairs that fill half of the synapses, from bad cues."""
    active = max(2, round(log2(units)))
    codes = drawn(round(log(2) * units**2 / active**2 / 2), units, active, seed)
    memory, asked, told = WillshawMemory.empty(units).learn(codes), codes[:ASKED], []
    for missing, wrong in DAMAGES:
        cues = damaged(asked, round(missing * active), round(wrong * active), seed)
        once, thrice = (
            100 * float(overlap(memory.recall(cues, active=active, steps=steps), asked).mean()) / active
            for steps in (1, 3)
        )
        names = {"missing": f"{100 * missing:.0f} %", "wrong": f"{100 * wrong:.0f} %"}
        told.append({**names, "once": once, "thrice": thrice})
    return told


def drawn(count: int, units: int, active: int, seed: int) -> SDR:
    """Return random codes of exactly ``active`` set bits."""
    rng, bits = np.random.default_rng(seed), np.zeros((count, units), bool)
    for row in bits:
        row[rng.choice(units, active, replace=False)] = True
    return SDR.of(bits)


def damaged(codes: SDR, missing: int, wrong: int, seed: int) -> SDR:
    """Return the codes without some of their bits and with some that are not theirs."""
    rng, bits = np.random.default_rng(seed), codes.bits
    for row in bits:
        unset = np.flatnonzero(~row)
        row[rng.choice(np.flatnonzero(row), missing, replace=False)] = False
        row[rng.choice(unset, wrong, replace=False)] = True
    return SDR.of(bits)


if __name__ == "__main__":
    main()
