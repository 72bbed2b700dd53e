"""Runs the notebooks without Jupyter: `python run.py [--save DIR] [NAME ...]`.

Every cell of a notebook runs in one namespace, in order, as a person would run it. The first cell
that fails ends the run with exit code 1 and is named. `--save` keeps the charts as PNG files.
"""

import argparse
import ast
import json
import os
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent


class CellFailed(Exception):
    """A cell that raised; the text names the notebook and the cell."""


def cells(path):
    """Returns the number and source of each code cell; refuses stored outputs (they bloat diffs)."""
    book = json.loads(path.read_text(encoding="utf-8"))
    for number, cell in enumerate(book["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        if cell["outputs"] or cell["execution_count"] is not None:
            raise CellFailed(f"{path.name}, cell {number}: clear the outputs before saving")
        yield number, "".join(cell["source"])


def run_cell(source, name, namespace):
    """Runs a cell; a last line that is an expression is shown, as Jupyter does."""
    tree = ast.parse(source, name)
    shown = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    if shown:
        value = eval(compile(ast.Expression(shown.value), name, "eval"), namespace)
        if value is not None:
            namespace["display"](value)


def keep_charts(folder, stem):
    """Draws every open chart (drawing may fail too), saves it if a folder is given, closes it."""
    import matplotlib.pyplot as plt

    for count, number in enumerate(plt.get_fignums(), start=1):
        chart = plt.figure(number)
        chart.canvas.draw()
        if folder:
            chart.savefig(folder / f"{stem}_{count}.png", dpi=110)
    plt.close("all")


def run(path, folder):
    """Runs one notebook and returns how many code cells it has."""
    namespace = {"__name__": "__main__", "display": print}
    count = 0
    for number, source in cells(path):
        name = f"{path.name}, cell {number}"
        try:
            run_cell(source, name, namespace)
            keep_charts(folder, f"{path.stem}_{number:02}")
        except Exception as error:
            lines = source.splitlines()
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.filename == name:
                    print(f"{name}, line {frame.lineno}: {lines[frame.lineno - 1]}", file=sys.stderr)
            raise CellFailed(f"{name}: {type(error).__name__}: {error}") from error
        count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, metavar="DIR", help="keep the charts here")
    parser.add_argument("notebook", nargs="*", type=Path, help="by default every one beside this")
    arguments = parser.parse_args()
    os.environ["MPLBACKEND"] = "Agg"
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    sys.path.insert(0, str(HERE))
    if arguments.save:
        arguments.save.mkdir(parents=True, exist_ok=True)
    for path in arguments.notebook or sorted(HERE.glob("*.ipynb")):
        print(f"\n===== {path.name}")
        start = time.monotonic()
        try:
            count = run(path, arguments.save)
        except CellFailed as failure:
            print(f"failed: {failure}", file=sys.stderr)
            return 1
        print(f"\nok: {path.name}, {count} cells, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
