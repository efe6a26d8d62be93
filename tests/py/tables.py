"""Loads CSV files with their documented types: tables.py FILE…"""

import sys
from pathlib import Path

from columns import dtypes, header, load

for path in map(Path, sys.argv[1:]):
    table = load(path)
    documented = dtypes(path.name)
    assert documented, f"{path.name} is not documented"
    assert list(table.columns) == header(path), f"{path.name}: {list(table.columns)}"
    for column, dtype in documented.items():
        found = str(table[column].dtype)
        assert found == dtype.replace("string", "str") or found == dtype, f"{path.name}: {column} is {found}"
        # A plain type says that no cell is empty; text has no plain type to say it with.
        if dtype == dtype.lower() and dtype not in ("string", "category"):
            assert table[column].notna().all(), f"{path.name}: {column} has empty cells"
    assert len(table) > 0, f"{path.name} is empty"
    print(path.name, len(table), "rows")
