"""What another device does in how much time, and whether its sums are those of NumPy, to the bit.

    python benchmarks/gpu.py --data ../shared/data/mnist --engine torch

A short run first, so that start-up and compilation are not counted. Wall time throughout: a card's work is not the
processor's. The card's own rates stand beside, from products of the same shape as the sums need.
"""

import time
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset, evaluate, load_dataset, split_tasks, use_engine
from indeependence.engine.choice import ENGINES, active
from indeependence.engine.device import Device
from indeependence.engine.products import plain_product
from indeependence.engine.sums import DeviceProducts
from indeependence.machine import peak_memory

FEW = 1500  # examples for which the sums are compared
BATCH = 4096  # examples encoded at a time: any number gives the same result
RATES = "| product of codes | 10¹² operations a second |\n| {product} | {rate:.1f} |"
STAGES = (
    "| stage | seconds | share | 10¹² operations a second |\n| {stage} | {seconds:.2f} | {share:.0f} % | {rate:.1f} |"
)
RUNS = (
    "| engine | seconds | accuracy | average incremental | fingerprint | memory of the process, GB |\n"
    "| {engine} | {seconds:.1f} | {accuracy:.2f} % | {incremental:.2f} % | {fingerprint} | {memory:.1f} |"
)


@click.command()
@frame.data_option
@frame.option("--engine", type=click.Choice(ENGINES), default="auto")
@frame.option("--device", default=None)
@frame.option("--layers", default="auto")
@frame.option("--tasks", default=5)
@frame.option("--beside/--alone", default=True, help="Whether NumPy does the whole run, too.")
@frame.output_option("gpu")
def main(data: str, engine: str, device: str | None, layers: str, tasks: int, beside: bool, output: Path) -> None:
    """Print rates, stages and whole runs."""
    dataset = load_dataset(data)
    with use_engine(engine, device):
        there = active()
        if there is None:
            raise click.ClickException("no graphics card: name an --engine and its --device, tensorflow and cpu say")
        facts = frame.header()
        click.echo(f"device: {there.framework} on {there.name}, {there.product.__name__.strip('_')}\n")
        run(load_dataset("digits"), "patches:8:size=3:pool=2:stride=2", 2)  # whatever is loaded once
        model = ContinualClassifier(layers, batch_size=BATCH).bootstrap(dataset.x_train[:5000])
        same = learned(layers, dataset)
        tables = {
            "rates": (RATES, rates(there, model.encoder_.units // model.encoder_.members)),
            "stages": (STAGES, stages(there, model, dataset, tasks)),
        }
        runs = [{"engine": f"{there.framework} on {there.name}", **run(dataset, layers, tasks)}]
    if learned(layers, dataset) != same:
        raise click.ClickException("the sums differ from those of NumPy")
    click.echo(f"the same encoder and sums as NumPy for {FEW} examples: {same[:16]}\n")
    if beside:
        runs.append({"engine": "numpy", **run(dataset, layers, tasks)})
    frame.publish(output, facts, **tables, runs=(RUNS, runs))


def learned(layers: str, dataset: Dataset) -> str:
    """Return the fingerprint of a few examples, learned from nothing."""
    rows = np.random.default_rng(0).permutation(len(dataset.y_train))[:FEW]
    x, y = dataset.x_train[rows], dataset.y_train[rows]
    return ContinualClassifier(layers, batch_size=BATCH).bootstrap(x).learn([(x, y)]).moments_.fingerprint


def run(dataset: Dataset, layers: str, tasks: int) -> Row:
    """Return what an evaluation came to, and its wall time."""
    began = time.perf_counter()
    result = evaluate(split_tasks(dataset, tasks=tasks), ContinualClassifier(layers, batch_size=BATCH))
    return {
        "seconds": time.perf_counter() - began,
        "accuracy": 100 * result.average_accuracy,
        "incremental": 100 * (result.average_incremental_accuracy or 0.0),
        "fingerprint": result.model_sha256[:16],
        "memory": (peak_memory() or 0) / 1e9,
    }


def rates(device: Device, units: int, rows: int = 4096) -> list[Row]:
    """Return the rates of the products that a device has, of codes ``[rows, units]`` with themselves."""
    from keras import ops

    with device.scope():
        codes = ops.cast(device.put(np.random.default_rng(0).integers(0, 60, (rows, units), np.uint8)), "float32")
        few = ops.cast(codes, "int8")
        known = {
            device.product.__name__.strip("_"): lambda: device.product(codes, codes)[0, 0],
            plain_product.__name__: lambda: plain_product(codes, codes)[0, 0],
        }
        if device.framework == "jax":  # the only one that multiplies them by itself
            known["8-bit whole numbers"] = lambda: ops.matmul(ops.transpose(few), few)[0, 0]
        return [{"product": name, "rate": 2 * rows * units**2 / seconds(act) / 1e12} for name, act in known.items()]


def seconds(act, times: int = 3) -> float:
    """Return the least wall time of what gives a value on a device: reading the value waits for it."""
    from keras import ops

    spent = []
    for _ in range(times + 1):
        began = time.perf_counter()
        ops.convert_to_numpy(act())
        spent.append(time.perf_counter() - began)
    return min(spent[1:])


def stages(device: Device, model: ContinualClassifier, dataset: Dataset, tasks: int) -> list[Row]:
    """Return the seconds of each stage for all training examples, and for one solve."""
    x, y, encoder = dataset.x_train, dataset.y_train, model.encoder_
    marks = [time.perf_counter()]
    ContinualClassifier(model.layers).bootstrap(x[:5000])
    marks.append(time.perf_counter())
    codes = np.concatenate([encoder(x[start : start + BATCH]) for start in range(0, len(x), BATCH)])
    marks.append(time.perf_counter())
    own = encoder.units // encoder.members
    members = [DeviceProducts(device, own) for _ in range(encoder.members)]
    for sums, part in zip(members, np.split(codes, encoder.members, axis=1), strict=True):
        sums.add(part)
        _ = sums.corner  # waits
    marks.append(time.perf_counter())
    for sums in members:
        sums.upper()
    marks.append(time.perf_counter())
    model.learn([(x, y)])
    marks.append(time.perf_counter())
    _ = model.weights
    marks.append(time.perf_counter())
    names = (
        "bootstrapping",
        "encoding",
        "adding products up",
        "bringing the sums back",
        "learning as a whole",
        "one solve",
    )
    spent = dict(zip(names, np.diff(marks).tolist(), strict=True))
    work = {"adding products up": 2 * len(x) * own**2 * encoder.members / 1e12}
    whole = sum(spent[name] for name in names if name != "learning as a whole")
    return [
        {"stage": name, "seconds": took, "share": 100 * took / whole, "rate": work.get(name, 0) / took}
        for name, took in spent.items()
    ]


if __name__ == "__main__":
    main()
