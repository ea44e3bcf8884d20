"""The public names of version 0.1 stay."""

import pytest

import indeependence
import indeependence.sparse

NAMES = (
    "Autoencoder ContextualClassifier ContinualClassifier Dataset InputError MirroredReLU Scenario evaluate "
    "load_dataset permuted_tasks split_tasks"
)
SPARSE = (
    "ContrastiveLoss KWinners KWinners2D PlaneKL PlaneKernel PlaneL1 PlaneSparse PlaneWinners SDR ShrinkPlanes "
    "SoftKWinners SparseConv2D SparseDense SynapticScaling TripletLoss WillshawMemory convolutional_network"
)


@pytest.mark.parametrize(("module", "names"), [(indeependence, NAMES), (indeependence.sparse, SPARSE)])
def test_a_public_name_can_be_imported_and_is_told(module, names):
    for name in names.split():
        assert getattr(module, name).__name__ == name and name in module.__all__
