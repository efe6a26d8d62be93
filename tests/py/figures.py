"""Makes figures of a sweep's and a search's tables, and holds them against summaries of runs: figures.py FOLDER

FOLDER holds `sweep`, `capacity`, and `step`: a run of the search's first step.
"""

import json
import math
import sys
from pathlib import Path

from columns import load

LIFECYCLE = ["submit", "ack", "precommit", "commit", "end"]


def summary(folder):
    """The summary of a run."""
    return json.loads((folder / "summary.json").read_text())


def same(what, found, expected):
    """Asserts that a figure is what a summary says."""
    assert math.isclose(found, expected, rel_tol=1e-12), f"{what} is {found}, and {expected} in summary.json"


def compare_sweep(folder):
    """Gas per task of every cell, and its p99 on average over the seeds of every setting."""
    table = load(folder / "sweep.csv")
    manifest = json.loads((folder / "sweep.json").read_text())
    runs = {cell["cell"]: summary(folder / "cells" / cell["folder"]) for cell in manifest["cells"]}
    assert set(table["cell"]) == set(runs), f"rows of cells {sorted(set(table['cell']))}"

    gas = table[table.phase.isin(LIFECYCLE) & (table.metric == "gas")]
    gas = gas.pivot(index=["cell", "phase"], columns="statistic", values="value")
    gas = (gas["mean"] * gas["count"]).groupby("cell").sum()
    ended = table[table.full_name == "tasks.ended.count"].set_index("cell")["value"]
    for cell, run in runs.items():
        expected = sum(run["phases"][phase]["gas_total"] for phase in LIFECYCLE) / run["tasks"]["ended"]
        # Means have three decimals in a summary.
        found = (gas / ended)[cell]
        assert math.isclose(found, expected, rel_tol=1e-6), f"gas per task of cell {cell} is {found}, not {expected}"

    settings = [vary["key"] for vary in manifest["varied"] if vary["key"] != "seed"]
    p99 = table[table.full_name == "task.total.p99"]
    of_cells = p99.groupby(settings)["cell"].apply(list)
    for setting, mean in p99.groupby(settings)["value"].mean().items():
        times = [runs[cell]["task_phases"]["total"]["duration_us"]["p99"] for cell in of_cells[setting]]
        assert len(times) > 1, f"one seed of {setting}"
        same(f"the mean p99 of {setting}", mean, sum(times) / len(times))
    return len(runs)


def compare_capacity(table, run):
    """The first step against a run of the same scenario at its rate, with its seed."""
    step = table.iloc[0]
    assert run["scenario"]["seed"] == step["seed"], f"a run of seed {run['scenario']['seed']}"
    total = run["task_phases"]["total"]["duration_us"]
    for column in ("p50", "p90", "p95", "p99", "p99_9", "max"):
        same(f"total_{column}_us", step[f"total_{column}_us"], total[column])
    for phase in LIFECYCLE:
        same(f"{phase}_p99_us", step[f"{phase}_p99_us"], run["phases"][phase]["response_us"]["p99"])
    for count in ("submitted", "ended", "failed", "unfinished", "dropped"):
        same(f"tasks_{count}", step[f"tasks_{count}"], run["tasks"][count])


folder = Path(sys.argv[1])
cells = compare_sweep(folder / "sweep")
compare_capacity(load(folder / "capacity" / "capacity.csv"), summary(folder / "step"))
print(cells, "cells and a step")
