"""How near Adam comes to the bases that eigenvectors give at once: the objective, and the angles of both subspaces.

python benchmarks/autoencoder_bases.py --data ../shared/data/mnist
"""

import frame
import numpy as np
from findings import Row
from scipy.linalg import subspace_angles

from indeependence import Dataset
from indeependence.models.autoencoder.bases import adam_bases, eigen_bases, objective, random_bases

STEPS = (100, 1000)
TABLE = (
    "| data | bases | steps of Adam | objective above that of eigenvectors | largest angle | median angle |\n"
    "| {data} | {bases} | {steps} | {above:.2f} % | {largest:.1f}° | {median:.2f}° |"
)


@frame.benchmark("autoencoder_bases", TABLE, seeds=1)
@frame.option("--bases", default=100)
@frame.option("--limit", default=5000, help="Training pictures.")
@frame.option("--rate", default=0.01, help="Of Adam.")
def main(dataset: Dataset, seed: int, bases: int, limit: int, rate: float) -> list[Row]:
    """Compare both solvers on the covariance of the first pictures."""
    rows = dataset.x_train[:limit].reshape(len(dataset.x_train[:limit]), -1).astype(np.float64)
    covariance = np.cov(rows.T, bias=True)
    start = random_bases(len(covariance), bases, np.random.default_rng(seed))
    best = eigen_bases(covariance, start)
    told = []
    for steps in STEPS:
        found = adam_bases(covariance, start, steps=steps, rate=rate)
        angles = np.degrees(subspace_angles(best, found))
        above = 100 * (objective(covariance, found) / objective(covariance, best) - 1)
        row: Row = {"bases": str(bases), "steps": f"{steps:,}", "above": above}
        told.append(row | {"largest": float(angles.max()), "median": float(np.median(angles))})
    return told


if __name__ == "__main__":
    main()
