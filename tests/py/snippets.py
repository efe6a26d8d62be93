"""Runs the Python of docs/research.md in its order, but for the figure: snippets.py FOLDER"""

import re
import sys

from columns import PAGE

blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)
names = {}
ran = 0
for block in blocks:
    if "matplotlib" not in block:
        block = block.replace("reports/sample", sys.argv[1]).replace("docs/research.md", str(PAGE))
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 (our own page)
        ran += 1
assert ran == 2, f"{ran} snippets"
