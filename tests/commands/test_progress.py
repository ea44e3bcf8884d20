"""What is told while a command runs: events for TensorBoard, notes, and a bar with the time left."""

import io
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import rich.console
from click.testing import CliRunner

from indeependence.commands import cli
from indeependence.commands.shared import progress as module
from indeependence.encoder.fronts.front import watching
from indeependence.report.tensorboard import board

pytestmark = pytest.mark.slow  # seconds, or many of them

tensorboardX = pytest.importorskip("tensorboardX", reason="pip install 'indeependence[tensorboard]'")
LAYERS = "patches:8:size=3:pool=2:stride=2"


def events(folder):
    """Tag, step and kind of everything that was written, in order."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for file in sorted(Path(folder).glob("events.*")):
        data = file.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])  # length, its checksum, an event, its checksum
            event = Event.FromString(data[12 : 12 + length])
            found += [(value.tag, event.step, value) for value in event.summary.value]
            data = data[16 + length :]
    return found


def test_evaluate_writes_accuracies_weights_and_pictures_part_by_part(ask):
    told = ask("evaluate", "--layers", LAYERS, "--tensorboard", "tb")
    found = events("tb")
    last = {tag: value.simple_value for tag, step, value in found if step == 5 and value.HasField("simple_value")}
    for name, accuracy in zip(told["test_names"], told["accuracy_matrix"][-1], strict=True):
        assert last[f"accuracy/{name.replace(',', '_')}"] == pytest.approx(accuracy)  # TensorBoard has no commas
    assert [step for tag, step, _ in found if tag == "accuracy_on_seen"] == [1, 2, 3, 4, 5]
    assert [step for tag, step, value in found if tag == "weights" and value.HasField("histo")] == [1, 2, 3, 4, 5]
    assert any(tag == "bases" and value.HasField("image") for tag, _, value in found)


def test_train_writes_at_each_checkpoint_and_goes_on_counting(ask):
    options = ["--layers", LAYERS, "--checkpoint-every", 100, "--tensorboard", "tb", "--model", "m"]
    ask("train", "--classes", "0,1", *options)
    ask("train", "--classes", "2,3", "--load", *options)
    steps = [step for tag, step, _ in events("tb") if tag == "expected_error"]
    assert steps[:3] == [100, 200, 288] and steps[-1] > 500 and steps == sorted(steps)
    assert any(tag == "accuracy_on_learned_classes" for tag, _, _ in events("tb"))


def test_two_runs_within_one_second_both_stay(tmp_path, monkeypatch):
    """Events are in files that are named by the second."""
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    for step in range(3):
        with board(tmp_path) as written:
            written.scalars({"error": 0.5}, step)
    assert [step for tag, step, _ in events(tmp_path)] == [0, 1, 2]


def test_an_autoencoder_writes_its_running_error_and_reconstructions(ask):
    told = ask("train", "--kind", "autoencoder", "--layers", 30, "--limit", 200, "--tensorboard", "tb")
    found = events("tb")
    errors = [(step, value.simple_value) for tag, step, value in found if tag == "running_error"]
    assert [step for step, _ in errors] == list(range(10, 201, 10))
    assert errors[-1][1] == pytest.approx(told["running_error"])
    assert [step for tag, step, _ in found if tag == "reconstruction"] == [100, 200]
    assert {"drift/layer_1", "weights", "generated_pictures"} <= {tag for tag, _, _ in found}


def test_events_change_no_bit_of_the_model(ask):
    options = ["train", "--layers", LAYERS, "--classes", "0,1", "--checkpoint-every", 100]
    assert ask(*options)["model_sha256"] == ask(*options, "--overwrite", "--tensorboard", "tb")["model_sha256"]


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(refuse, tmp_path):
    (tmp_path / "file").write_text("")
    assert "--tensorboard: cannot write to file/tb" in refuse(
        "evaluate", "--layers", LAYERS, "--tensorboard", "file/tb"
    )


def test_without_the_optional_package_it_is_named(refuse, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    message = refuse("evaluate", "--layers", LAYERS, "--tensorboard", "tb")
    assert message == "--tensorboard needs tensorboardX: pip install 'indeependence[tensorboard]'"


def test_events_load_no_tensorflow(tmp_path):
    code = (
        "import sys; from pathlib import Path; from indeependence.report.tensorboard import board\n"
        f"with board(Path({str(tmp_path)!r})) as one: one.scalars({{'a': 1.0, 'b': None}}, 3)\n"
        "print('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    assert [(tag, step) for tag, step, _ in events(tmp_path)] == [("a", 3)]


def test_verbose_tells_on_stderr_what_is_done_and_quiet_nothing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = ["evaluate", "--layers", LAYERS, "--tasks", "2", "--json"]
    told, quiet = (CliRunner().invoke(cli, [*words, *more]) for more in (["-v"], ["--quiet"]))
    assert "digits: 1438 training and 359 test examples of 10 classes, shape 8x8" in told.stderr
    assert "task 2, 5,6,7,8,9: " in told.stderr and "encoder patches:8" in told.stderr
    assert quiet.stderr == "" and quiet.stdout.count("\n") == told.stdout.count("\n") == 1


class Screen(io.StringIO):
    """A screen that can be waited for."""

    def __init__(self):
        super().__init__()
        self.drawn = threading.Condition()

    def write(self, text):
        with self.drawn:
            self.drawn.notify_all()
            return super().write(text)

    def shows(self, *words):
        """Whether all the words have been on the screen; waits until they have, for up to five minutes."""
        with self.drawn:
            return self.drawn.wait_for(lambda: all(word in self.getvalue() for word in words), timeout=300)


def test_the_bar_tells_what_goes_on_how_far_it_is_and_starts_anew_for_new_work(monkeypatch):
    screen = Screen()
    real = rich.console.Console
    monkeypatch.setattr(rich.console, "Console", lambda **options: real(file=screen, force_terminal=True, width=100))
    with module.progress() as watch:
        watch("learning one", 90, 100)
        assert screen.shows("learning one", "90/100")
        watch("learning two", 10, 40)
        assert screen.shows("learning two", "10/40")
        watch("solving", 0, 0)
    with module.progress(quiet=True) as watch:
        watch("nothing", 1, 2)
    assert "nothing" not in screen.getvalue()


def test_a_network_tells_its_progress_to_the_bar_of_the_command_alone():
    before = watching.get()
    with module.progress(quiet=True) as watch:
        assert watching.get() is watch
    assert watching.get() is before
