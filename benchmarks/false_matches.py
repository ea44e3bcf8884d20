"""How often random binary codes match by chance: exactly, counted, and the leading term of Ahmad & Hawkins (2015).

    python benchmarks/false_matches.py

Matches are counted among all pairs of as many codes on either side.
"""

from math import comb
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row
from willshaw import drawn

from indeependence.binary_codes.matching import false_match, overlapping_codes
from indeependence.binary_codes.sdr import overlaps

UNITS, ACTIVE = 512, 26
THRESHOLDS = (3, 4, 5, 6, 8, 13)  # bits shared
TABLE = (
    f"| shared bits of {ACTIVE} of {UNITS} | exact | counted | of pairs | leading term |\n"
    "| {shared} | {exact:.2e} | {counted:.2e} | {pairs:,} | {leading:.2e} |"
)


@click.command()
@frame.option("--codes", default=10_000, help="Of either side, among which matches are counted.")
@frame.output_option("false_matches")
def main(codes: int, output: Path) -> None:
    """Print one row a threshold."""
    facts = frame.header((0, 1))
    one, other = (drawn(codes, UNITS, ACTIVE, seed) for seed in facts["seeds"])
    counted = np.zeros(ACTIVE + 1, np.int64)
    for start in range(0, len(one), 1000):
        counted += np.bincount(overlaps(one[start : start + 1000], other).ravel(), minlength=ACTIVE + 1)
    rows = [row(threshold, counted) for threshold in THRESHOLDS]
    frame.publish(output, facts, false_matches=(TABLE, rows))


def row(threshold: int, counted: np.ndarray) -> Row:
    """Return the probability that two codes share at least so many bits, in three ways."""
    return {
        "shared": f"{threshold} or more",
        "exact": float(false_match(UNITS, ACTIVE, threshold)),
        "counted": float(counted[threshold:].sum() / counted.sum()),
        "pairs": int(counted.sum()),
        "leading": overlapping_codes(UNITS, ACTIVE, ACTIVE, threshold) / comb(UNITS, ACTIVE),
    }


if __name__ == "__main__":
    main()
