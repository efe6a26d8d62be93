"""Validates JUnit XML against junit.xsd: junit.py FILE…"""

import sys
from pathlib import Path

from lxml import etree

schema = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("junit.xsd"))))
for path in sys.argv[1:]:
    document = etree.parse(path)
    schema.assertValid(document)
    for suite in document.iter("testsuite"):
        cases = suite.findall("testcase")
        failures, errors = (sum(case.find(what) is not None for case in cases) for what in ("failure", "error"))
        told = [int(suite.get(count)) for count in ("tests", "failures", "errors")]
        assert told == [len(cases), failures, errors], f"{path}: {told} of {suite.get('name')}"
    print(path, len(document.findall("testsuite")), "suites")
