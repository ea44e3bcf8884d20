"""The tied autoencoder: exact sums, both solvers, all ways to infer, and what is carried over when bases change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

from indeependence import Autoencoder, load_dataset
from indeependence.errors import InputError
from indeependence.models.autoencoder.bases import adam_bases, drift, eigen_bases, layer_of, objective, random_bases
from indeependence.models.autoencoder.conditional import denoised
from indeependence.models.autoencoder.inference import Problem, by_patterns, by_steps, errors, gradient
from indeependence.models.autoencoder.layout import whole_rows
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments
from indeependence.moments.regression import add_rows, joint, regress

ONE_HOT = np.eye(10)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def learned(digits):
    """A two-layer model of frozen bases that has learned all training digits."""
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (40, 60), shape=(8, 8), frozen=True).bootstrap(digits.x_train, targets)
    return model.collect(digits.x_train, targets)


def moving(seed, count=300):
    """Rows of a low-dimensional kind in bytes [N, 12], and targets [N, 2]."""
    rng = np.random.default_rng(seed)
    hidden = rng.standard_normal((count, 3)) @ rng.standard_normal((3, 14))
    rows = np.clip(128 + 30 * hidden + 3 * rng.standard_normal(hidden.shape), 0, 255).astype(np.uint8)
    return rows[:, :12], rows[:, 12:]


def accuracy(model, dataset, **how):
    return np.mean(model.infer(dataset.x_test, **how).targets.argmax(1) == dataset.y_test)


# Sums


@given(st.integers(0, 2**20), st.data())
def test_frozen_bases_give_the_same_sums_in_any_order_and_batches(seed, data):
    inputs, targets = moving(seed, 40)
    model = Autoencoder(12, 2, (6, 4), frozen=True).bootstrap(inputs[:20], targets[:20])
    one = model.start(model.tied).collect(inputs, targets).sums.fingerprint
    order = data.draw(st.permutations(range(40)))
    cut = data.draw(st.integers(1, 39))
    model.start(model.tied)
    for rows in (order[:cut], order[cut:]):
        model.collect(inputs[rows], targets[rows])
    assert model.sums.fingerprint == one and model.drift == [0.0, 0.0]


@given(st.integers(0, 2**20), st.floats(0.01, 1))
def test_a_moving_average_is_the_plain_recursion_in_batches_of_any_size(seed, coeff):
    rows = np.random.default_rng(seed).integers(0, 256, (9, 3)).astype(np.uint8)
    products = np.zeros((3, 3))
    for row in rows.astype(float):
        products = (1 - coeff) * products + coeff * np.outer(row, row)
    for cuts in ([9], [4, 9], range(1, 10)):
        average = Average.empty("encoder", 3)
        for start, end in zip([0, *cuts], cuts, strict=False):
            average = average.learn(rows[start:end], coeff)
        np.testing.assert_allclose(average.products, products, rtol=1e-9)
        np.testing.assert_allclose(average.weight, 1 - (1 - coeff) ** 9)


def test_an_average_of_exact_sums_has_their_mean_and_covariance():
    rows = np.random.default_rng(0).integers(0, 256, (50, 4)).astype(np.uint8)
    exact = add_rows(Moments.empty("encoder", 4), rows)
    average = joint(Average.of(exact))
    np.testing.assert_allclose(average.mean, joint(exact).mean)
    np.testing.assert_allclose(average.scatter, joint(exact).scatter, rtol=1e-9)
    assert average.count == pytest.approx(50)


def test_a_moving_average_forgets_what_exact_sums_keep(digits):
    order = np.argsort(digits.y_train, kind="stable")
    x, targets = digits.x_train[order], ONE_HOT[digits.y_train[order]]
    scores = {}
    for coeff in (None, 0.01):
        model = Autoencoder(64, 10, (40,), frozen=True).bootstrap(x, targets).collect(x, targets, coeff)
        predicted = model.infer(digits.x_test).targets.argmax(1)
        scores[coeff] = [np.mean(predicted[digits.y_test == label] == label) for label in range(10)]
    assert np.mean(scores[None]) > 0.9
    assert np.mean(scores[0.01][:5]) < 0.2 < scores[0.01][9]


# Conditional means


@given(st.integers(0, 2**20))
def test_regression_from_sums_agrees_with_scikit_learn_on_rows(seed):
    inputs, targets = moving(seed)
    rows = np.hstack([inputs, targets])
    told = joint(add_rows(Moments.empty("encoder", 14), rows))
    weights = regress(told, np.arange(5), np.arange(5, 14), penalty=0)
    oracle = LinearRegression().fit(rows[:, :5], rows[:, 5:])
    np.testing.assert_allclose(weights.coefficients.T, oracle.coef_, atol=1e-6)
    np.testing.assert_allclose(weights.intercept, oracle.intercept_, atol=1e-4)


def test_inputs_of_targets_are_class_means(digits, learned):
    told = learned.infer(targets=ONE_HOT).inputs * 255
    means = np.stack([digits.x_train[digits.y_train == label].reshape(-1, 64).mean(0) for label in range(10)])
    np.testing.assert_allclose(told, means, atol=4)  # a ridge leans towards the mean of all


def test_a_masked_half_is_filled_in_and_what_is_known_stays(digits, learned):
    mask = np.zeros((8, 8), bool)
    mask[:4] = True
    told = learned.infer(digits.x_test, mask=mask)
    x = digits.x_test.reshape(-1, 64) / 255
    np.testing.assert_allclose(told.inputs[:, mask.ravel()], x[:, mask.ravel()], atol=1e-9)
    missing = ~mask.ravel()
    blind = np.mean((x - x.mean(0))[:, missing] ** 2)
    assert np.mean((told.inputs - x)[:, missing] ** 2) < 0.75 * blind
    assert np.mean(told.targets.argmax(1) == digits.y_test) > 0.7


def test_masks_may_differ_from_row_to_row(digits, learned):
    x = digits.x_test[:4].reshape(4, 64)
    masks = np.random.default_rng(0).random((4, 64)) < 0.5
    together = learned.infer(x, mask=masks).inputs
    apart = np.vstack([learned.infer(x[[i]], mask=masks[i]).inputs for i in range(4)])
    np.testing.assert_allclose(together, apart, atol=1e-6)


def test_a_noisy_picture_comes_back_cleaner(digits, learned):
    noise = 0.2 * np.random.default_rng(0).standard_normal(digits.x_test.shape)
    noisy = np.clip(digits.x_test / 255 + noise, 0, 1)
    clean = digits.x_test.reshape(-1, 64) / 255
    before = np.mean((noisy.reshape(-1, 64) - clean) ** 2)
    assert np.mean((learned.denoise(noisy, noise=0.2) - clean) ** 2) < 0.6 * before


def test_denoising_is_the_best_linear_guess_of_a_clean_row_from_a_noisy_one():
    inputs, _ = moving(0, 5000)
    noisy = inputs + 20 * np.random.default_rng(1).standard_normal(inputs.shape)
    told = joint(add_rows(Moments.empty("encoder", 12), inputs))
    oracle = LinearRegression().fit(noisy, inputs).predict(noisy)
    np.testing.assert_allclose(denoised(told, noisy, slice(0, 12), 20.0), oracle, atol=4)


def test_two_pictures_can_be_tied(digits):
    turned = np.rot90(digits.x_train, axes=(1, 2))
    model = Autoencoder(64, 64, (60,), frozen=True).bootstrap(digits.x_train, turned).collect(digits.x_train, turned)
    expected = np.rot90(digits.x_test, axes=(1, 2)).reshape(-1, 64) / 255
    told = model.infer(digits.x_test).targets
    assert np.mean((told - expected) ** 2) < 0.1 * np.mean((expected - expected.mean(0)) ** 2)


# Bases


def subspace(W):
    return W @ np.linalg.pinv(W)


@given(st.integers(0, 2**20))
@settings(max_examples=15)
def test_eigen_bases_span_what_pca_finds_and_stay_near_the_start(seed):
    inputs, _ = moving(seed)
    covariance = np.cov(inputs.astype(float).T, bias=True)
    start = random_bases(12, 3, np.random.default_rng(seed))
    bases = eigen_bases(covariance, start)
    components = PCA(3).fit(inputs.astype(float)).components_.T
    np.testing.assert_allclose(subspace(bases), components @ components.T, atol=1e-4)
    turned = bases @ np.linalg.qr(np.random.default_rng(seed + 1).standard_normal((3, 3)))[0]
    assert np.linalg.norm(bases - start) <= np.linalg.norm(turned - start) + 1e-9
    assert objective(covariance, bases) <= objective(covariance, start)


def test_adam_finds_the_subspace_of_the_eigenvectors():
    covariance = np.diag([9.0, 5.0, 3.0, 0.2, 0.1, 0.1])
    start = random_bases(6, 3, np.random.default_rng(0))
    found = adam_bases(covariance, start, steps=800, rate=0.01)
    np.testing.assert_allclose(subspace(found), np.diag([1, 1, 1, 0, 0, 0]), atol=0.02)
    few = adam_bases(covariance, start, steps=5, rate=0.01)
    assert objective(covariance, found) < objective(covariance, few)


def test_bases_stay_where_the_sums_say_nothing():
    start = random_bases(20, 6, np.random.default_rng(0))
    np.testing.assert_allclose(eigen_bases(np.zeros((20, 20)), start), start, atol=1e-9)


def test_drift_from_sums_is_the_change_of_codes_on_rows():
    inputs, _ = moving(0)
    mean, covariance = inputs.mean(0), np.cov(inputs.astype(float).T, bias=True)
    old = layer_of(random_bases(12, 5, np.random.default_rng(0)), mean, covariance)
    new = layer_of(eigen_bases(covariance, random_bases(12, 5, np.random.default_rng(0))), mean, covariance)
    before, after = old.project(inputs), new.project(inputs)
    measured = np.mean((after - before) ** 2) / np.mean(after**2)
    assert drift(old, new, mean, covariance) == pytest.approx(min(measured, 1), rel=1e-3)
    assert drift(new, new, mean, covariance) == 0


@pytest.mark.parametrize("solver", ["eigh", "adam"])
def test_learning_better_bases_reconstructs_better_and_reports_its_drift(digits, solver):
    targets = ONE_HOT[digits.y_train]
    zeros = digits.y_train == 0
    model = Autoencoder(64, 10, (12, 10), solver=solver).bootstrap(digits.x_train[zeros], targets[zeros])
    model.collect(digits.x_train, targets)
    before, sums = reconstruction(model, digits), model.sums.products
    assert model.drift == [0.0, 0.0]
    model.refit(50)
    assert reconstruction(model, digits) < 0.8 * before
    assert 0 < model.drift[0] <= model.drift[1] <= 1
    assert model.sums.products is sums and model.sums.encoder == model.tied.encoder.fingerprint
    at_first = model.drift[0]
    model.collect(digits.x_train, targets)
    assert model.drift[0] == pytest.approx(at_first / 2)  # half of the examples are new


def reconstruction(model, dataset):
    decoded, _ = model.decode(model.encode(dataset.x_train, ONE_HOT[dataset.y_train]))
    return np.mean((decoded - dataset.x_train.reshape(-1, 64) / 255) ** 2)


# Inference over the top code


def problem_of(model, dataset, count=20):
    rows = whole_rows(model.layout, dataset.x_test[:count], np.zeros((count, 10)))
    known = np.ones(rows.shape, bool)
    known[:, model.layout.targets] = False
    start = model.tied.values(np.where(known, rows, model.tied.fill))
    return Problem(model.tied, rows.astype(np.float32), known), start


def test_the_gradient_is_that_of_finite_differences(digits, learned):
    problem, start = problem_of(learned, digits, 5)
    slope = 2 * gradient(problem, errors(problem, start))
    direction = np.random.default_rng(0).standard_normal(start.shape).astype(np.float32)
    sides = errors(problem, start).sides
    step = 0.5
    ahead, behind = (errors(problem, start + sign * step * direction, sides).squared for sign in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * step), np.sum(slope * direction, 1), rtol=0.02, atol=2e-4)


def test_one_layer_is_solved_as_by_least_squares(digits):
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (20,), frozen=True).bootstrap(digits.x_train, targets)
    problem, start = problem_of(model, digits)
    values = by_patterns(problem, start, steps=100)
    seen, decoder = slice(0, 64), model.tied.decoders[0][:, :64]
    wanted = (problem.rows - model.tied.centres[0])[:, seen]
    expected = np.linalg.lstsq(decoder.T.astype(float), wanted.T, rcond=None)[0].T
    np.testing.assert_allclose(values, expected, atol=0.5)


def test_patterns_and_least_squares_end_about_as_low_as_adam(digits, learned):
    problem, start = problem_of(learned, digits)
    closed, stepped = by_patterns(problem, start), by_steps(problem, start, steps=200)
    first, by_closed, by_adam = (errors(problem, values).squared.mean() for values in (start, closed, stepped))
    assert by_closed < 1.02 * by_adam < 0.9 * first


@pytest.mark.parametrize("method", ["closed", "adam"])
def test_labels_can_be_inferred_over_the_top_code(digits, method):
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (15,), frozen=True).bootstrap(digits.x_train, targets)
    assert accuracy(model, digits, method=method, steps=100) > 0.85


def test_the_conditional_mean_tells_labels_best(digits, learned):
    assert accuracy(learned, digits) > 0.93


def test_a_batch_is_answered_as_its_examples_one_by_one(digits, learned):
    x = digits.x_test[:6]
    for method in ("mean", "closed"):
        whole = learned.infer(x, method=method, steps=24).targets
        apart = np.vstack([learned.infer(x[[i]], method=method, steps=24).targets for i in range(6)])
        np.testing.assert_allclose(whole, apart, atol=0.02)


# Generating


def test_generated_digits_vary_and_are_recognised(digits, learned):
    labels = np.repeat(np.arange(10), 10)
    drawn = learned.generate(ONE_HOT[labels], spread=0.5)
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert np.mean(learned.infer(drawn).targets.argmax(1) == labels) > 0.9
    assert drawn[:10].std(0).max() > 0.05
    np.testing.assert_array_equal(learned.generate(ONE_HOT[[3, 3]], spread=0).std(0), 0)


def test_a_raised_unit_draws_its_own_picture(learned):
    one, other = learned.preferred_input(0), learned.preferred_input(1)
    assert one.shape == (64,) and np.abs(one - other).max() > 0.1
    np.testing.assert_array_equal(learned.preferred_input(0), one)


# Keeping, and what is refused


@pytest.mark.parametrize("coeff", [None, 0.05])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_saved_model_comes_back_whole(digits, tmp_path, coeff, frozen):
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (20, 10), frozen=frozen).bootstrap(digits.x_train, targets)
    model.collect(digits.x_train[:300], targets[:300], coeff).refit()
    model.save(tmp_path / "m")
    again = Autoencoder.load(tmp_path / "m")
    for one in (model, again):
        one.collect(digits.x_train[300:], targets[300:], coeff)
    assert again.sums.fingerprint == model.sums.fingerprint and again.drift == model.drift
    np.testing.assert_array_equal(again.infer(digits.x_test).targets, model.infer(digits.x_test).targets)


def test_a_damaged_file_and_one_of_another_kind_are_refused(digits, learned, tmp_path):
    from indeependence import ContinualClassifier

    learned.save(tmp_path / "m")
    with pytest.raises(InputError, match="expected a model of kind classifier, got one of kind autoencoder"):
        ContinualClassifier.load(tmp_path / "m")
    ContinualClassifier("4").fit(digits.x_train[:9], digits.y_train[:9]).save(tmp_path / "c")
    with pytest.raises(InputError, match="expected a model of kind autoencoder, got one of kind classifier"):
        Autoencoder.load(tmp_path / "c")
    with safe_open(tmp_path / "m", "numpy") as file:
        metadata = file.metadata()
    arrays = load_file(tmp_path / "m")
    arrays["sums0.cross"][3] += 1
    save_file(arrays, tmp_path / "m", metadata)
    with pytest.raises(InputError, match="damaged model"):
        Autoencoder.load(tmp_path / "m")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("0", "expected 1 to 100000 bases, got '0'"),
        ("abc", "got 'abc'"),
        ("inputs", "expected at least one layer of an autoencoder"),
        ("patches:5", "an autoencoder has dense and local layers"),
        ("5,+6", "an autoencoder has dense and local layers"),
        ((80,), "expected at most 74 bases, as many as entries below, got 80"),
    ],
)
def test_layers_that_cannot_be_tied_are_refused(layers, message):
    with pytest.raises(InputError, match=message):
        Autoencoder(64, 10, layers)


def test_bad_options_and_inputs_are_told_in_one_line(digits, learned):
    x, targets = digits.x_train[:5], ONE_HOT[digits.y_train[:5]]
    for make, message in [
        (lambda: Autoencoder(64, 10, (4,), rate=-1), "expected a rate above 0, got -1"),
        (lambda: Autoencoder(64, 10, (4,), solver="svd"), "expected a solver of eigh, adam, got 'svd'"),
        (lambda: Autoencoder(64, 10, (4,)).infer(x), "has no bases yet: bootstrap it"),
        (lambda: Autoencoder(64, 10, (4,)).bootstrap(x, targets).infer(x), "has learned no examples yet"),
        (lambda: learned.infer(), "expected inputs, targets or both to infer from, got neither"),
        (lambda: learned.infer(x, method="magic"), "expected a method of mean, closed, adam, got 'magic'"),
        (lambda: learned.infer(x[:, 1:]), r"expected inputs of 64 values each, got an array of shape \(5, 7, 8\)"),
        (lambda: learned.infer(x / 2), "bytes or numbers from 0 to 1"),
        (lambda: learned.infer(x, mask=np.ones(3, bool)), "expected a mask of 64 values"),
        (lambda: learned.collect(x, targets[:4]), "expected a target for each input, got 4 for 5"),
        (lambda: learned.collect(x, targets, 1.5), "expected a coefficient above 0 and up to 1, got 1.5"),
    ]:
        with pytest.raises(InputError, match=message):
            make()


def test_an_average_does_not_become_an_exact_sum_again(digits):
    x, targets = digits.x_train[:50], ONE_HOT[digits.y_train[:50]]
    model = Autoencoder(64, 10, (4,)).bootstrap(x, targets).collect(x, targets, 0.1)
    assert isinstance(model.sums, Average)
    with pytest.raises(InputError, match="cannot become an exact sum again"):
        model.collect(x, targets)
