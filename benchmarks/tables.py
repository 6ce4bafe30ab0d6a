"""How fast and in how much memory the tables of pages are read: cells a second beside pandas.read_html, in one run."""

from __future__ import annotations

import argparse
import gc
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flows.grids import html_grids

LISTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "techpowerup_lists"
TARGETS = {"ratio": 1.0, "memory": 1.1}
PAGES = (10, 100)
COLUMNS = 12


def main() -> None:
    """Measure what the arguments ask for; print a table, or JSON with --json. Exits 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", type=Path, default=LISTS, help="folder of saved list pages; left out if not there")
    parser.add_argument("--rows", type=int, default=4_000, help="rows of a generated table")
    parser.add_argument(
        "--times", type=int, default=11, help="how often each case is run, by turns; the fastest counts"
    )
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--child", nargs=2, type=int, metavar=("PAGES", "ROWS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(read_pages(*asked.child)))
        return
    pages = {"spans": [generated(asked.rows)], "spans, marks": [generated(asked.rows, marks=True)]}
    if saved := sorted(asked.lists.glob("*.html")):
        pages = {"saved lists": [path.read_bytes() for path in saved], **pages}
    else:
        print(f"no page in {asked.lists}: the saved lists are left out", file=sys.stderr)
    cases = [measure(name, contents, asked.times) for name, contents in pages.items()]
    memory = {str(number): in_process(number, asked.rows // 4)["peak_bytes"] for number in PAGES}
    growth = memory[str(PAGES[1])] / memory[str(PAGES[0])]
    figures = {"cases": cases, "memory": memory, "growth": growth, "targets": TARGETS}
    print(json.dumps(figures, indent=2)) if asked.json else print_table(figures)
    sys.exit(1 if missed(figures) else 0)


def generated(rows: int, page: int = 0, marks: bool = False) -> bytes:
    """A page with one table of `rows` rows and COLUMNS columns under two rows of headers, as lists of chips are.

    Every fifth row begins a cell over five rows, every third has one over two columns, every fourth chip a footnote; all
    chips are links and figures differ by row and page. With `marks` every row has a footnote to its chip and to a figure
    and an exponent, and every figure is a link.
    """
    names = "".join(f"<th>Peak {column}<br>(TFLOPS)</th>" for column in range(COLUMNS - 2))
    head = f'<tr><th rowspan="2">Kind</th><th rowspan="2">Chip</th><th colspan="{COLUMNS - 2}">Peaks</th></tr><tr>{names}</tr>'
    body = []
    for row in range(rows):
        kind = f'<th rowspan="5">Kind {row // 5}</th>' if row % 5 == 0 else ""
        noted = '<sup class="reference"><a href="#cite_note-1">[1]</a></sup>' if marks or row % 4 == 0 else ""
        chip = f'<td><a href="/wiki/{row}">Chip {row}</a>{noted}</td>'
        wide = ' colspan="2"' if row % 3 == 0 else ""
        first = f"<td{wide}>{page}{row}.5{'*' if marks else ''}</td><td>{row}{f'×10<sup>{row % 16}</sup>' if marks else ''}</td>"
        figures = [f"{row * 7 + column}" for column in range(COLUMNS - 4 - bool(wide))]
        cells = (
            f'<td><a href="/{row}">{figure}</a>&nbsp;GB</td>' if marks else f"<td>{figure}&nbsp;GB</td>"
            for figure in figures
        )
        body.append(f"<tr>{kind}{chip}{first}{''.join(cells)}</tr>\n")
    table = f"<table class='wikitable'>{head}{''.join(body)}</table><p>* With sparsity.</p>"
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body><h2>Chips</h2>{table}</body></html>".encode()


def ours(content: bytes) -> int:
    """Read a page's tables; their cells, spans expanded."""
    return sum(len(grid.rows) * len(grid.rows[0]) for grid in html_grids(content, "page"))


def theirs(content: bytes) -> int:
    """Read a page's tables by pandas; the cells of its frames, headers not counted."""
    import pandas as pd  # not where memory is measured

    return sum(frame.size for frame in pd.read_html(io.BytesIO(content), flavor="lxml"))


def measure(case: str, contents: list[bytes], times: int) -> dict:
    """One case: ours and pandas by turns in this process; least seconds of all its pages, after one run unmeasured."""
    seconds: dict[str, list[float]] = {"ours": [], "pandas": []}
    readers: dict[str, Callable[[bytes], int]] = {"ours": ours, "pandas": theirs}
    cells = {name: sum(map(read, contents)) for name, read in readers.items()}
    for _ in range(times):
        for name, read in readers.items():
            gc.collect()  # what the other left behind is not to be cleared in this one's time
            began = time.perf_counter()
            for content in contents:
                read(content)
            seconds[name].append(time.perf_counter() - began)
    spent = {name: min(values) for name, values in seconds.items()}
    return {
        "case": case,
        "pages": len(contents),
        "bytes": sum(map(len, contents)),
        "cells": cells["ours"],
        "pandas_cells": cells["pandas"],
        "cells_per_second": cells["ours"] / spent["ours"],
        "pandas_cells_per_second": cells["ours"] / spent["pandas"],  # of the same cells, so that the ratio is of times
        "ratio": spent["pandas"] / spent["ours"],
    }


def read_pages(pages: int, rows: int) -> dict:
    """Read so many generated pages one after the other; the largest resident memory of this process."""
    cells = sum(ours(generated(rows, page)) for page in range(pages))
    unit = 1 if sys.platform == "darwin" else 1024
    return {"cells": cells, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}


def in_process(pages: int, rows: int) -> dict:
    """`read_pages` in a fresh process."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", str(pages), str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def missed(figures: dict) -> list[str]:
    """The targets that the figures do not meet, a line each."""
    lines = [
        f"{case['case']}: {case['ratio']:.2f} times as fast as pandas; more than {TARGETS['ratio']} was the target"
        for case in figures["cases"]
        if case["ratio"] <= TARGETS["ratio"]
    ]
    if figures["growth"] > TARGETS["memory"]:
        lines.append(
            f"{PAGES[1]} pages took {figures['growth']:.2f} times the memory of {PAGES[0]};"
            f" at most {TARGETS['memory']} was the target"
        )
    return lines


def print_table(figures: dict) -> None:
    """Print the figures for people."""
    print(f"{'case':<14}{'pages':>6}{'MB':>7}{'cells':>9}{'cells/s':>11}{'pandas':>11}{'ratio':>7}")
    for case in figures["cases"]:
        print(
            f"{case['case']:<14}{case['pages']:>6}{case['bytes'] / 1e6:>7.2f}{case['cells']:>9,}"
            f"{case['cells_per_second']:>11,.0f}{case['pandas_cells_per_second']:>11,.0f}{case['ratio']:>7.2f}"
        )
    peaks = ", ".join(f"{number} pages {peak / 1e6:.1f} MB" for number, peak in figures["memory"].items())
    print(f"peak memory: {peaks}, ratio {figures['growth']:.3f}")
    print("\n".join(missed(figures)) or "all targets are met")


if __name__ == "__main__":
    main()
