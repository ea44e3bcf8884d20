"""Pictures, labels, codes and their sums, for tests of pruning."""

import numpy as np

from indeependence.moments.moments import Moments

KINDS = [
    "inputs",
    "12,8",
    "patches:6:size=3:pool=4:stride=4,+sparse:20",
    "patches:6:size=3:pool=4:stride=2:winners=2,15",
    "+patches:4:size=3:pool=4:stride=4,sparse:9,+7:winners=3",
]
PICTURES = np.random.default_rng(3).integers(0, 256, (60, 10, 10)).astype(np.uint8)
LABELS = np.random.default_rng(4).integers(0, 3, 60)
CODES = np.random.default_rng(5).integers(0, 256, (60, 7)).astype(np.uint8)
SUMS = Moments.empty("encoder", 7).learn([(CODES, LABELS)])
