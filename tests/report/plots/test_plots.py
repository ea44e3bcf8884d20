"""Plots of a result."""

import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from indeependence.report.plots.learning_curve import learning_curve_figure
from indeependence.report.plots.matrices import accuracy_matrix_figure, confusion_figure
from indeependence.report.plots.rendering import png, svg
from tests import ROOT
from tests.report.results_made_up import CASES, a_result, each_case


@each_case
@pytest.mark.parametrize("draw", [accuracy_matrix_figure, learning_curve_figure, confusion_figure])
def test_plots_become_png_pictures_of_readable_size(result, draw):
    picture = cv2.imdecode(np.frombuffer(png(draw(result)), np.uint8), cv2.IMREAD_COLOR)
    height, width = picture.shape[:2]
    assert 300 <= height <= 1500 and 500 <= width <= 2200
    assert (picture[0, 0] == 255).all() and picture.min() < 60


def test_cells_of_the_plotted_matrix_hold_the_numbers_unless_there_are_too_many():
    def texts(result):
        return {text.get_text() for text in accuracy_matrix_figure(result).axes[0].texts}

    assert texts(a_result(2, accuracy_matrix=np.array([[1.0, np.nan], [0.5, 0.7531]]))) == {
        "100.0",
        "–",
        "50.0",
        "75.3",
    }
    assert texts(CASES["a hundred tasks and classes"]) == set()


def test_curves_start_where_a_test_set_was_learned_and_the_mean_runs_over_those_seen():
    R = np.array([[1.0, 0.0], [0.5, 0.75]])
    first, second, mean = learning_curve_figure(a_result(2, accuracy_matrix=R)).axes[0].get_lines()
    np.testing.assert_allclose(first.get_xydata(), [[1, 100], [2, 50]])
    np.testing.assert_allclose(second.get_xydata(), [[2, 75]])
    np.testing.assert_allclose(mean.get_xydata(), [[1, 100], [2, 62.5]])
    assert mean.get_linewidth() > first.get_linewidth()


def test_the_same_figure_gives_the_same_svg_and_ids_differ_between_prefixes():
    draw = learning_curve_figure
    assert svg(draw(a_result()), "a") == svg(draw(a_result()), "a")
    ids = [set(re.findall(r'id="([^"]*)"', svg(draw(a_result()), prefix))) for prefix in "ab"]
    assert ids[0] and not ids[0] & ids[1]


def test_plotting_leaves_pyplot_and_its_settings_alone():
    code = (
        "import sys, matplotlib\n"
        "before = matplotlib.rcParams.copy()\n"
        "from indeependence.report.plots.learning_curve import learning_curve_figure\n"
        "from indeependence.report.plots.rendering import png, svg\n"
        "from tests.report.results_made_up import a_result\n"
        "png(learning_curve_figure(a_result())), svg(learning_curve_figure(a_result()), 'a')\n"
        "sys.exit('matplotlib.pyplot' in sys.modules or matplotlib.rcParams.copy() != before)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment).returncode == 0
