"""Execute the notebooks and store their outputs: python docs/run_notebooks.py. Tests execute them too."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "notebooks"
LIMIT = 300  # seconds for a cell; for its kernel to start, and to send what it printed


def executed(path: Path):
    """Run the notebook at ``path`` from the top and return it; raise an error of any cell."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    limits = {"timeout": LIMIT, "startup_timeout": LIMIT, "iopub_timeout": LIMIT}
    client = NotebookClient(notebook, resources={"metadata": {"path": str(FOLDER.parent.parent)}}, **limits)
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day
    return notebook


if __name__ == "__main__":
    import nbformat

    for path in sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(executed(path), path)
