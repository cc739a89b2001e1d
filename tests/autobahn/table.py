"""Prints what the reports of Autobahn's cases say, an adapter's side a row; fails where a case failed.

    table.py FOLDER ADAPTER-SIDE...
"""

import json
import sys
from pathlib import Path

# The whole suite; what is not in a report was left out as not applicable.
CASES = 517
# What a case may come to, besides FAILED and its like.
PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}


def main(folder, *sides):
    failed = False
    print("| adapter | passed | of these not strict | of these informational | failed | not applicable |")
    print("|---|---|---|---|---|---|")
    for adapter, side in (it.rsplit("-", 1) for it in sides):
        report = folder / f"{adapter}-{side}" / "index.json"
        if not report.exists():
            print(f"| {adapter}, {side} | - | - | - | no report: see {report.parent}.log | - |")
            failed = True
            continue
        (cases,) = json.loads(report.read_text()).values()
        outcomes = {case: {it["behavior"], it["behaviorClose"]} for case, it in cases.items()}
        bad = sorted(case for case, outcome in outcomes.items() if not outcome <= PASSED)
        count = {word: sum(word in it for it in outcomes.values()) for word in PASSED}
        names = f" ({', '.join(bad)})" if bad else ""
        print(
            f"| {adapter}, {side} | {len(cases) - len(bad)} | {count['NON-STRICT']} "
            f"| {count['INFORMATIONAL']} | {len(bad)}{names} | {CASES - len(cases)} |"
        )
        failed = failed or bool(bad)
    print()
    print("Not applicable are 35 cases of binary messages, which RFC 7395 forbids, and 216 of compression, which no")
    print("adapter offers.")
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
