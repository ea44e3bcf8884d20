"""The shape of the tree: who imports whom, what loads when, and which names are public."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import cv2
import numpy as np
import pytest

import indeependence
from indeependence import ContinualClassifier

PACKAGE = Path(indeependence.__file__).parent
LEAVES = {"errors", "exact", "machine", "files", "stderr", "quiet_keras"}  # anyone may import these
MAY_IMPORT = {
    "files": set(),
    "data": set(),
    "engine": set(),
    "moments": {"engine"},
    "keras_layers": {"encoder", "binary_codes"},
    "encoder": {"engine"},
    "planes": {"encoder", "moments", "keras_layers"},
    "binary_codes": {"encoder", "moments"},
    "sparse": {"keras_layers"},
    "models": {"data", "encoder", "moments", "binary_codes"},
    "attacks": {"encoder", "moments"},
    "pruning": {"encoder", "moments", "models"},
    "networks": {"encoder", "attacks"},
    "history": {"data", "models"},
    "export": {"encoder", "moments", "models", "history"},
    "distributed": {"data", "encoder", "moments"},
    "report": {"models", "moments", "history"},
    "experiment": {
        *("data", "encoder", "moments", "models", "report", "distributed"),
        *("binary_codes", "planes", "pruning", "history", "networks", "attacks"),
    },
    "serve": {"data", "encoder", "moments", "models", "history", "experiment"},
    "commands": {
        *("data", "encoder", "moments", "models", "binary_codes", "planes", "pruning", "keras_layers"),
        *("engine", "export", "distributed", "history", "report", "experiment", "serve"),
    },
    "__main__": {"commands"},
}


def stage_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_stages(path):
    for node in ast.walk(ast.parse(path.read_text())):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            parts = module.split(".")
            if parts[0] == "indeependence" and len(parts) > 1:
                yield parts[1]


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_stage_imports_only_what_stands_before_it(path):
    stage = stage_of(path)
    allowed = {stage} | LEAVES | MAY_IMPORT.get(stage, set())
    assert set(imported_stages(path)) <= allowed


def imported_at_once(path, known):
    """Yield the modules of the package that load when ``path`` does: no imports in functions or for type checkers."""
    nodes = [ast.parse(path.read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from ({name if name in known else node.module for name in names} & known) - {module_of(path)}
        if isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & known
        if not isinstance(node, ast.FunctionDef):
            types_alone = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            nodes += node.orelse if types_alone else ast.iter_child_nodes(node)


def module_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_no_module_imports_itself_through_others():
    known = {module_of(path) for path in PACKAGE.rglob("*.py")}
    graph = {module_of(path): set(imported_at_once(path, known)) for path in PACKAGE.rglob("*.py")}
    assert graph["indeependence.report.write"] > {"indeependence.report.result", "indeependence.files.atomic"}
    TopologicalSorter(graph).prepare()  # a CycleError names the circle


LATER_FORMATS = re.compile(r"(.?[<>=^])?[ +-]?z")  # 3.11: no sign for a zero


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_number_is_formatted_in_a_way_that_python_3_10_does_not_know(path):
    specs = [node.format_spec for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FormattedValue)]
    parts = [spec.values[0] for spec in specs if spec is not None]
    assert not [part.value for part in parts if isinstance(part, ast.Constant) and LATER_FORMATS.match(part.value)]


def fresh(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_help_loads_neither_tensorflow_nor_numpy():
    code = (
        "import sys; from indeependence.commands import cli\n"
        "def names(command, *above):\n"
        "    yield above\n"
        "    for name, below in getattr(command, 'commands', {}).items(): yield from names(below, *above, name)\n"
        "for name in names(cli): cli.main([*name, '--help'], standalone_mode=False)\n"
        "print({'tensorflow', 'keras', 'numpy', 'sklearn', 'matplotlib', 'cv2'} & set(sys.modules))"
    )
    assert fresh(code).splitlines()[-1] == "set()"


def test_importing_the_package_loads_nothing_heavy():
    assert fresh("import sys, indeependence; print({'tensorflow', 'numpy', 'sklearn'} & set(sys.modules))") == "set()\n"


def test_learning_and_reporting_do_not_load_tensorflow(tmp_path):
    code = (
        "import sys; from indeependence import ContinualClassifier, evaluate, load_dataset, split_tasks\n"
        "from indeependence.report.write import write_report\n"
        "result = evaluate(split_tasks(load_dataset('digits'), tasks=2), ContinualClassifier('sparse:9'))\n"
        f"write_report(result, {str(tmp_path)!r})\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    assert fresh(code) == "set()\n"


def test_an_answer_to_one_picture_loads_no_more_than_it_needs(tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8)
    model = ContinualClassifier().fit(pictures, np.arange(30) % 2)
    assert set(model.predict(pictures)) == {0, 1}
    model.save(tmp_path / "model.safetensors")
    cv2.imwrite(str(tmp_path / "one.png"), pictures[0])
    words = ["infer", "--model", str(tmp_path / "model.safetensors"), "--data", str(tmp_path / "one.png")]
    code = (
        f"import sys; from indeependence.commands import cli; cli.main({words!r}, standalone_mode=False)\n"
        "slow = {'tensorflow', 'keras', 'sklearn', 'pandas', 'matplotlib', 'numba', 'scipy.optimize', 'scipy.stats'}\n"
        "print(slow & set(sys.modules))"
    )
    assert fresh(code).splitlines()[-1] == "set()"


def test_all_public_names_can_be_imported():
    assert indeependence.__all__ == sorted(indeependence.__all__)
    for name in indeependence.__all__:
        assert getattr(indeependence, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = indeependence.nothing


def test_editors_are_told_of_exactly_the_public_names():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    told = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(indeependence.__all__) <= told


def test_every_module_of_ours_that_is_imported_is_there():
    """Imports inside functions, too: mypy passes over modules that it does not find."""
    there = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in PACKAGE.rglob("*.py")}
    there |= {name.removesuffix(".__init__") for name in there}
    missing = [
        f"{path}: {node.module}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("indeependence")
        if node.module not in there
    ]
    assert missing == []
