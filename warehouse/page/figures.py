"""The page's parts as HTML: tables, figures, sections; whatever comes from data is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from schemas.columns import COLUMNS
from warehouse.page import words

_NUMBERS = (
    words.figure, words.aligned, words.tenths, words.times, words.count, words.dollars, words.share, words.percent, words.year,
    words.iso,
)  # fmt: skip
_LONG = 48  # characters from which a column of words gets room


@dataclass(frozen=True)
class Column:
    """A column of a table: its name in the rows, its heading, how a value is printed, and whose address its words lead to."""

    name: str
    heading: str
    form: Callable[[Any], str] = words.text
    link: str = ""

    @property
    def is_number(self) -> bool:
        """Whether values stand flush right, digits below digits."""
        return self.form in _NUMBERS

    def cell(self, row: dict) -> str:
        """One value as HTML."""
        value = row.get(self.name)
        said = escape(self.form(value)) if value is not None else words.NONE
        address = words.safe_url(row.get(self.link)) if self.link else ""
        return anchor(address, said) if address else said


def anchor(address: str, said: str) -> str:
    """A link to another site, of words that are HTML already; the address is one that `safe_url` let through."""
    return f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">{said}</a>'


def table(caption: str, rows: Sequence[dict], columns: Sequence[Column], first: int = 25, origin: str = "") -> str:
    """A real table of the first rows, with a line saying how many there are and where all of them are."""
    shown = rows[:first]
    kinds = [_kind(column, shown, not n) for n, column in enumerate(columns)]
    heads = "".join(_head(column, kind) for column, kind in zip(columns, kinds, strict=True))
    body = "".join(f"<tr>{_cells(columns, kinds, row)}</tr>" for row in shown)
    more = f"The first {first} of {len(rows):,} rows. " if len(rows) > first else ""
    where = f"All of it: table <code>{escape(origin)}</code>." if origin else ""
    note = f'<p class="note">{more}{where}</p>' if more or where else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )


def _kind(column: Column, rows: Sequence[dict], is_first: bool) -> str:
    if column.is_number and not is_first:
        return " class=number"
    return " class=long" if any(len(column.form(row.get(column.name))) > _LONG for row in rows) else ""


def _head(column: Column, kind: str) -> str:
    known = COLUMNS.get(column.name)
    meaning = f' title="{escape(known.meaning)}"' if known else ""
    return f'<th scope="col"{kind}{meaning}>{escape(column.heading)}</th>'


def _cells(columns: Sequence[Column], kinds: Sequence[str], row: dict) -> str:
    head = f'<th scope="row"{kinds[0]}>{columns[0].cell(row)}</th>'
    return head + "".join(
        f"<td{kind}>{column.cell(row)}</td>" for column, kind in zip(columns[1:], kinds[1:], strict=True)
    )


def folded(summary: str, inner: str, is_open: bool = False) -> str:
    """Something behind a line one opens, by mouse, finger or keyboard."""
    return f"<details{' open' if is_open else ''}><summary>{escape(summary)}</summary>{inner}</details>"


def figure(name: str, title: str, description: str, tables: str, before: str = "", pointed: bool = False) -> str:
    """A chart with its title, the same in words, downloads, and its table; `pointed` charts are walked with the arrow keys."""
    role = 'role="group" tabindex="0" aria-roledescription="chart"' if pointed else 'role="img"'
    card = f'<div class="card" id="card-{name}" role="status" aria-live="polite" hidden></div>' if pointed else ""
    return (
        f'<figure id="figure-{name}"><figcaption><h3 id="title-{name}">{escape(title)}</h3>'
        f'<p class="description" id="words-{name}">{escape(description)}</p></figcaption>{before}'
        f'<div class="stage"><div class="chart" id="chart-{name}" data-chart="{name}" {role}'
        f' aria-labelledby="title-{name}" aria-describedby="words-{name}"></div>{card}</div>'
        f'<p class="downloads" hidden>For papers: <button type="button" data-save="svg" data-of="{name}">SVG</button>'
        f' <button type="button" data-save="png" data-of="{name}">PNG</button></p>{tables}</figure>'
    )


def section(anchor_name: str, title: str, lede: str, inner: str) -> str:
    """A part of the page under a heading."""
    said = f'<p class="lede">{escape(lede)}</p>' if lede else ""
    head = f'<h2 id="h-{anchor_name}">{escape(title)}</h2>'
    return f'<section id="{anchor_name}" aria-labelledby="h-{anchor_name}">{head}{said}{inner}</section>'


def absent(what: str) -> str:
    """What stands where a version has no rows for a part."""
    return f'<p class="absent">{escape(what)}</p>'
