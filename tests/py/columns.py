"""The columns of a run's CSV files as docs/research.md has them."""

import json
import re
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).parents[2] / "docs" / "research.md"


def dtypes(file):
    """The type of every column of a file, in order."""
    table = PAGE.read_text().split(f"### {file}\n")[1].split("\n#")[0]
    return dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", table, re.M))


def header(path):
    """The columns of a file, in order: those of its table, and in sweep.csv the varied keys behind the cell's number."""
    columns = list(dtypes(path.name))
    if path.name == "sweep.csv":
        varied = json.loads(path.with_name("sweep.json").read_text())["varied"]
        columns[1:1] = [vary["key"] for vary in varied if vary["key"] != "seed"]
    return columns


def load(path):
    """A file with its documented types; whatever does not fit them is an error."""
    return pd.read_csv(path, dtype=dtypes(path.name), keep_default_na=False, na_values=[""])
