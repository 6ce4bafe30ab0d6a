"""The readers of arXiv's Atom and OAI-PMH pages measured: records a second beside feedparser, and memory over many pages."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import feedparser

from flows.sources import arxiv

REAL = (
    Path(__file__).resolve().parents[2]
    / "shared"
    / "data"
    / "apis"
    / "arxiv_atom"
    / "q_testing_s0_m100_cfe7536492ca.json"
)
RECORDS = 2000  # the most the API sends on a page
PAGES = (10, 100)
TIMES = 5
TARGETS = {"ratio": 2.0, "growth_mb": 10.0}


def main() -> None:
    """Measure; print a table, or JSON with --json. Exits 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, default=REAL, help="a saved Atom page; one that is not there is left out")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--child", nargs=2, metavar=("DATASET", "PAGES"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(peak_of(asked.child[0], int(asked.child[1])))
        return
    cases = []
    if asked.page.is_file():
        # Whoever saved the page took its UTF-8 for Latin-1.
        body = json.loads(asked.page.read_text(encoding="utf-8"))["body"].encode("latin-1")
        cases.append(measure("Atom, saved page", "search", body))
    else:
        print(f"no file {asked.page}: the saved page is left out", file=sys.stderr)
    cases.append(measure("Atom, generated", "search", atom_page(0)))
    cases.append(measure("OAI-PMH, generated", "listing", oai_page(0)))
    memory = {dataset: [_peak_in_child(dataset, pages) for pages in PAGES] for dataset in ("search", "listing")}
    figures = {"cases": cases, "peak_bytes": memory, "pages": PAGES, "targets": TARGETS}
    print(json.dumps(figures, indent=2)) if asked.json else print_table(figures)
    sys.exit(1 if missed(figures) else 0)


def _authors(number: int) -> list[tuple[str, str]]:
    """One to seven authors as forenames and name."""
    return [(f"Ada {chr(65 + n)}.", f"Invented-{(number * 7 + n) % 9973}") for n in range(1 + number % 7)]


def _abstract(number: int) -> str:
    """As long as abstracts are, about 1,300 letters, different on each record."""
    return " ".join(f"word{(number * 31 + n * n) % 5003} of an abstract," for n in range(55))


def atom_page(page: int) -> bytes:
    """A page of invented entries as the API writes them."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
        ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <opensearch:totalResults>{RECORDS}</opensearch:totalResults>\n"
    )
    return (head + "".join(_entry(page * RECORDS + n) for n in range(RECORDS)) + "</feed>\n").encode()


def _entry(number: int) -> str:
    authors = "".join(f"    <author>\n      <name>{a} {b}</name>\n    </author>\n" for a, b in _authors(number))
    arxiv_id = f"26{1 + number // 90_000:02d}.{number % 90_000:05d}"
    doi = f"    <arxiv:doi>10.1234/Made.{number}</arxiv:doi>\n" if number % 4 == 0 else ""
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{arxiv_id}v2</id>\n    <title>An invented title, number {number}</title>\n"
        "    <updated>2026-02-03T10:20:30Z</updated>\n"
        f'    <link href="https://arxiv.org/abs/{arxiv_id}v2" rel="alternate" type="text/html"/>\n'
        f'    <link href="https://arxiv.org/pdf/{arxiv_id}v2" rel="related" type="application/pdf" title="pdf"/>\n'
        f"    <summary>{_abstract(number)}</summary>\n"
        '    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>\n'
        '    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>\n'
        "    <published>2026-01-02T03:04:05Z</published>\n    <arxiv:comment>9 pages</arxiv:comment>\n"
        f'    <arxiv:primary_category term="cs.LG"/>\n{authors}{doi}  </entry>\n'
    )


def oai_page(page: int) -> bytes:
    """A page of invented records as arXiv's OAI-PMH server writes them."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n'
        "<responseDate>2026-03-01T00:00:00Z</responseDate>\n<ListRecords>\n"
    )
    records = "".join(_record(page * RECORDS + n) for n in range(RECORDS))
    return f"{head}{records}<resumptionToken>skip%3D{page}</resumptionToken>\n</ListRecords>\n</OAI-PMH>\n".encode()


def _record(number: int) -> str:
    authors = "".join(
        f"<author><keyname>{name}</keyname><forenames>{first}</forenames></author>\n"
        for first, name in _authors(number)
    )
    arxiv_id = f"26{1 + number // 90_000:02d}.{number % 90_000:05d}"
    return (
        f"<record>\n<header>\n<identifier>oai:arXiv.org:{arxiv_id}</identifier>\n<datestamp>2026-02-03</datestamp>\n"
        "<setSpec>cs:cs:LG</setSpec>\n</header>\n<metadata>\n"
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/">\n<id>{arxiv_id}</id>\n<created>2026-01-02</created>\n'
        f"<authors>\n{authors}</authors>\n<title>An invented title, number {number}</title>\n"
        "<categories>cs.LG cs.CL</categories>\n<license>http://creativecommons.org/licenses/by/4.0/</license>\n"
        f"<abstract>{_abstract(number)}</abstract>\n</arXiv>\n</metadata>\n</record>\n"
    )


def ours(dataset: str, content: bytes) -> int:
    """Read a page as the pipeline does; the number of papers."""
    (rows,) = arxiv.parse(dataset, content, "page").values()
    return rows.frame.height


def theirs(content: bytes) -> int:
    """Read a page with feedparser; the number of entries."""
    return len(feedparser.parse(content).entries)


def measure(case: str, dataset: str, content: bytes) -> dict:
    """One page read by ours and, where it is a feed, by feedparser, by turns; medians."""
    readers: dict[str, Callable[[], int]] = {"ours": lambda: ours(dataset, content)}
    if dataset == "search":
        readers["feedparser"] = lambda: theirs(content)
    counts = {name: read() for name, read in readers.items()}
    if len(set(counts.values())) != 1:
        raise SystemExit(f"{case}: the readers do not agree on the number of records: {counts}")
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(TIMES):
        for name, read in readers.items():
            began = time.perf_counter()
            read()
            seconds[name].append(time.perf_counter() - began)
    found = {name: counts["ours"] / median(times) for name, times in seconds.items()}
    figures = {"case": case, "records": counts["ours"], "bytes": len(content), "records_a_second": found}
    return figures | {"ratio": found["ours"] / found["feedparser"] if "feedparser" in found else None}


def peak_of(dataset: str, pages: int) -> int:
    """Largest resident memory, in bytes, of this process when it has made and read so many pages."""
    page = atom_page if dataset == "search" else oai_page
    for number in range(pages):
        assert ours(dataset, page(number)) == RECORDS
    return _peak_bytes()


def _peak_bytes() -> int:
    """Largest resident memory of this process alone; Linux counts that of the parent into ru_maxrss."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _peak_in_child(dataset: str, pages: int) -> int:
    command = [sys.executable, str(Path(__file__).resolve()), "--child", dataset, str(pages)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def missed(figures: dict) -> list[str]:
    """The targets that the figures do not meet, a line each."""
    lines = [
        f"{case['case']}: {case['ratio']:.1f} times feedparser; at least {TARGETS['ratio']:g} was the target"
        for case in figures["cases"]
        if case["ratio"] is not None and case["ratio"] < TARGETS["ratio"]
    ]
    for dataset, (few, many) in figures["peak_bytes"].items():
        if (many - few) / 1e6 > TARGETS["growth_mb"]:
            grown = f"{PAGES[1]} pages take {(many - few) / 1e6:.0f} MB more than {PAGES[0]}"
            lines.append(f"{dataset}: {grown}; at most {TARGETS['growth_mb']:g} MB was the target")
    return lines


def print_table(figures: dict) -> None:
    """Print the figures for people."""
    print(f"{'case':<20}{'records':>8}{'MB':>7}{'ours /s':>10}{'feedparser /s':>15}{'ratio':>7}")
    for case in figures["cases"]:
        speed = case["records_a_second"]
        other = f"{speed['feedparser']:,.0f}" if "feedparser" in speed else "–"
        ratio = f"{case['ratio']:.1f}" if case["ratio"] is not None else "–"
        print(
            f"{case['case']:<20}{case['records']:>8,}{case['bytes'] / 1e6:>7.2f}{speed['ours']:>10,.0f}{other:>15}{ratio:>7}"
        )
    for dataset, peaks in figures["peak_bytes"].items():
        said = ", ".join(f"{peak / 1e6:.1f} MB over {n} pages" for n, peak in zip(PAGES, peaks, strict=True))
        print(f"peak of {dataset}: {said}")
    print("\n".join(missed(figures)) or "all targets are met")


if __name__ == "__main__":
    main()
