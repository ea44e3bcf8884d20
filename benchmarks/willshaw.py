"""How many pairs a Willshaw memory holds, how it recalls from bad cues, and how often binary codes match by chance.

    python benchmarks/willshaw.py

Random codes, so no data are needed. Capacity is told beside its limit for very large memories: ln 2 bit a synapse for
pairs (Willshaw et al. 1969), ln 2 / 4 for codes that complete themselves from cues of half their bits (Knoblauch &
Palm 2020 on both), where only what the cue did not tell is counted.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from math import comb, log, log2
from pathlib import Path
from typing import TYPE_CHECKING

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    from indeependence.binary_codes.sdr import SDR

Held = Callable[[int, int, int, int], tuple[float, float]]  # units, active, codes, seed: bits a synapse, share set

ASKED = 500  # codes that are recalled
FILLS = (0.6, 0.8, 1.0, 1.2)  # of the pairs at which half of the synapses are expected to be set
PARTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8)  # the same for codes that complete themselves


@click.command()
@click.option("--units", "sizes", multiple=True, type=int, default=[256, 512, 1024, 2048, 4096], show_default=True)
@click.option("--seeds", default=5, show_default=True)
@click.option("--codes", default=10_000, show_default=True, help="Of either side, among which matches are counted.")
def main(sizes: tuple[int, ...], seeds: int, codes: int) -> None:
    """Print both capacities by size, recall by damage to the cue, and false matches beside counted ones."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    click.echo(head("units", "active", "pairs", "load", "bits a synapse, each seed", "of ln 2"))
    for units in sizes:
        click.echo(capacity_line(units, seeds, stored, FILLS, log(2)))
    click.echo("\n" + head("units", "active", "codes", "load", "bits a synapse, each seed", "of ln 2 / 4"))
    for units in sizes:
        click.echo(capacity_line(units, seeds, completed, PARTS, log(2) / 4))
    click.echo("\n" + head("cue: bits missing", "wrong ones added", "bits right", "after 3 steps"))
    for line in recall_lines(min(sizes[-1], 1024), seeds):
        click.echo(line)
    click.echo("\n" + head("shared bits of 26 of 512", "exact", f"counted in {codes**2:,} pairs", "leading term"))
    for line in match_lines(512, 26, (3, 4, 5, 6, 8, 13), codes):
        click.echo(line)


def head(*columns: str) -> str:
    """The first two lines of a table."""
    return f"| {' | '.join(columns)} |\n" + "| --- " * len(columns) + "|"


def drawn(count: int, units: int, active: int, seed: int) -> SDR:
    """Random codes of exactly ``active`` set bits."""
    import numpy as np

    from indeependence.binary_codes.sdr import SDR

    rng, bits = np.random.default_rng(seed), np.zeros((count, units), bool)
    for row in bits:
        row[rng.choice(units, active, replace=False)] = True
    return SDR.of(bits)


def capacity_line(units: int, seeds: int, held: Held, fills: tuple[float, ...], limit: float) -> str:
    """The number of codes at which the memory holds most, chosen with another seed than those that are told."""
    import numpy as np

    active = max(2, round(log2(units)))
    half = log(2) * units**2 / active**2
    best = max((round(fill * half) for fill in fills), key=lambda count: held(units, active, count, 1000)[0])
    told = [held(units, active, best, seed) for seed in range(seeds)]
    bits = np.array([one[0] for one in told])
    each = ", ".join(f"{value:.3f}" for value in bits)
    load = np.mean([one[1] for one in told])
    return f"| {units} | {active} | {best:,} | {load:.2f} | {each} | {100 * bits.mean() / limit:.0f} % |"


def stored(units: int, active: int, count: int, seed: int) -> tuple[float, float]:
    """Bits a synapse that can be recalled of ``count`` pairs, and the share of synapses that are set."""
    from indeependence.binary_codes.willshaw import WillshawMemory, recalled_bits

    cues, targets = drawn(count, units, active, 2 * seed), drawn(count, units, active, 2 * seed + 1)
    memory = WillshawMemory.empty(units).learn(cues, targets)
    told = recalled_bits(targets[:ASKED], memory.recall(cues[:ASKED]))
    return count * told / units**2, memory.load


def completed(units: int, active: int, count: int, seed: int) -> tuple[float, float]:
    """Bits a synapse that codes stored with themselves gain from cues of half of their bits, and the share set."""
    from indeependence.binary_codes.willshaw import WillshawMemory, recalled_bits

    codes = drawn(count, units, active, seed)
    memory, asked = WillshawMemory.empty(units).learn(codes), codes[:ASKED]
    cues = damaged(asked, active - active // 2, 0, seed)
    told = recalled_bits(asked, memory.recall(cues, active=active, steps=3), cues)
    return count * told / units**2, memory.load


def recall_lines(units: int, seeds: int) -> list[str]:
    """Auto-association at half of the pairs that fill half of the synapses: cues with bits missing or wrong."""
    import numpy as np

    from indeependence.binary_codes.sdr import overlap
    from indeependence.binary_codes.willshaw import WillshawMemory

    active = max(2, round(log2(units)))
    count = round(log(2) * units**2 / active**2 / 2)
    lines = []
    for missing, wrong in ((0, 0), (0.3, 0), (0.5, 0), (0.3, 0.3), (0.5, 0.5)):
        right = []
        for seed in range(seeds):
            codes = drawn(count, units, active, seed)
            memory, asked = WillshawMemory.empty(units).learn(codes), codes[:ASKED]
            cues = damaged(asked, round(missing * active), round(wrong * active), seed)
            right.append(
                [overlap(memory.recall(cues, active=active, steps=steps), asked).mean() / active for steps in (1, 3)]
            )
        once, thrice = 100 * np.mean(right, axis=0)
        lines.append(f"| {100 * missing:.0f} % | {100 * wrong:.0f} % | {once:.1f} % | {thrice:.1f} % |")
    return lines


def damaged(codes: SDR, missing: int, wrong: int, seed: int) -> SDR:
    """The codes without some of their bits and with some that are not theirs."""
    import numpy as np

    from indeependence.binary_codes.sdr import SDR

    rng, bits = np.random.default_rng(seed), codes.bits
    for row in bits:
        unset = np.flatnonzero(~row)
        row[rng.choice(np.flatnonzero(row), missing, replace=False)] = False
        row[rng.choice(unset, wrong, replace=False)] = True
    return SDR.of(bits)


def match_lines(units: int, active: int, thresholds: tuple[int, ...], count: int) -> list[str]:
    """Exact probabilities beside shares counted among random pairs, and Ahmad & Hawkins' leading term."""
    import numpy as np

    from indeependence.binary_codes.matching import false_match, overlapping_codes
    from indeependence.binary_codes.sdr import overlaps

    one, other = drawn(count, units, active, 0), drawn(count, units, active, 1)
    counted = np.zeros(active + 1, np.int64)
    for start in range(0, len(one), 1000):
        counted += np.bincount(overlaps(one[start : start + 1000], other).ravel(), minlength=active + 1)
    lines = []
    for threshold in thresholds:
        exact = false_match(units, active, threshold)
        leading = overlapping_codes(units, active, active, threshold) / comb(units, active)
        share = counted[threshold:].sum() / counted.sum()
        lines.append(f"| {threshold} or more | {exact:.2e} | {share:.2e} | {leading:.2e} |")
    return lines


if __name__ == "__main__":
    main()
