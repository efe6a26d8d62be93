"""Compares latency.hlog, read by Python's HdrHistogram, with phases.csv: latency.py FOLDER"""

import math
import sys
from pathlib import Path

from columns import load
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

PERCENTILES = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "p99_9": 99.9}


def tag(phase, metric):
    """The tag that the histogram of a row is logged under."""
    return f"{phase}.service" if metric == "service_us" else phase


def histograms(path):
    """Every histogram of a log by its tag."""
    log = HistogramLogReader(str(path), HdrHistogram(1, 10**12, 3))
    found = {}
    while histogram := log.get_next_interval_histogram():
        assert histogram.get_tag() not in found, f"{histogram.get_tag()} is there twice"
        found[histogram.get_tag()] = histogram
    return found


def compare(name, histogram, row):
    """Asserts that a histogram has the count, the extremes and the percentiles of a row."""
    count = int(row["count"])
    assert histogram.get_total_count() == count, f"{name}: {histogram.get_total_count()} values, not {count}"

    def same(what, found, expected):
        # Two values of one bucket are one value to three significant digits.
        equal = histogram.values_are_equivalent(int(found), int(expected))
        assert equal, f"{name}: {what} is {found} in the log, {expected} in phases.csv"

    same("min", histogram.get_min_value(), row["min"])
    same("max", histogram.get_max_value(), row["max"])
    for column, percentile in PERCENTILES.items():
        # This implementation rounds a percentile's rank; phases.csv has the next whole one. Ask for just that rank.
        rank = max(math.ceil(round(percentile * count / 100, 9)), 1)
        same(column, histogram.get_value_at_percentile(100 * rank / count), row[column])
    mean = histogram.get_mean_value()
    assert math.isclose(mean, row["mean"], rel_tol=1e-3, abs_tol=0.5), f"{name}: mean {mean}, not {row['mean']}"


folder = Path(sys.argv[1])
found = histograms(folder / "latency.hlog")
compared = 0
for _, row in load(folder / "phases.csv").iterrows():
    if row["metric"] == "gas_used":
        continue
    name = tag(row["phase"], row["metric"])
    if row["count"] == 0:
        assert name not in found, f"{name} has a histogram of nothing"
        continue
    compare(name, found.pop(name), row)
    compared += 1
assert not found, f"phases.csv says nothing of {sorted(found)}"
assert compared > 10, f"only {compared} histograms"
print(compared, "histograms")
