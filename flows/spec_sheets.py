"""Tables of spec sheets as readings: which chip, which quantity, which figure, and why a cell gave none.

One axis of such a table names chips, the other quantities; where both describe the quantity (formats down, vector and
matrix across), the page is about one chip. What a figure is follows from its unit and from the labels, the cell and the
table's title, in that order; a number format said in the cell narrows that of its label. What cannot be told keeps its
text and says why; it is never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from flows.grids import Cell, Grid, grids, joined
from flows.http import FetchError
from flows.quantities import LONGEST_CELL, Figure, decimal_mark, figures, is_matrix, precisions_in, sparsity_in, unit_in
from flows.rows import Rows, SchemaBreak, record_rows
from flows.sources import Ask, Scope
from schemas.columns import QUANTITIES

NAMES = (
    "chip_name", "table_number", "table_title", "row_label", "column_label", "cell_text", "quantity", "value", "unit",
    "sparsity", "note",
)  # fmt: skip

NO_FIGURE = "no figure"
NOT_OURS = "no quantity of ours"
OF_THE_POD = "a figure of the pod, not of the chip"
OF_THE_HOST = "a figure of the host, not of the chip"
OF_A_SYSTEM = "a figure of a system, not of one chip"
OF_A_PART = "a figure of one of several parts"
A_RANGE = "a range"
NO_UNIT = "unit is missing"
NO_FORMAT = "the number format is not said"
OTHER_FORMAT = "label and cell name different number formats"
MEASURED = "measured power, not a limit"
SEVERAL = "several figures for one quantity"
WHICH_CHIP = "which chip is not said"
SPARSE_OR_DENSE = "dense and sparse are not told apart"
OTHER_CURRENCY = "not in dollars"
TOO_LONG = "too long for a cell of a spec sheet"

MOST_TEXT = 50_000_000  # characters of all rows of a page, labels repeated
_LONGEST_LABEL = 1_000
_MOST_MARKS = 20  # in one cell
_MOST_FIGURES = 40  # in one cell


def plain_name(label: str) -> str:
    """The chip a header names, "" where it is no name (`Value`, `Specification`, nothing)."""
    return "" if _GENERIC.fullmatch(label.strip(" :")) else label


@dataclass(frozen=True)
class Sheet:
    """What a source knows of its pages beside their tables.

    `chip` is the chip of a table that names none; `name` makes a chip's name of a header, or "" where the header names
    none. `rate_unit` is the unit of peak rates that the page states outside its tables. `on_matrix_units` says that the
    page's peaks are those of matrix units where nothing else is said. `needs` are quantities, or beginnings of their
    names, of which the page must give at least one each.
    """

    chip: str
    name: Callable[[str], str] = plain_name
    rate_unit: str = ""
    on_matrix_units: bool = False
    needs: tuple[str, ...] = ()


def crawl_pages(get: Callable[[Ask], bytes], scope: Scope, asks: Sequence[Ask]) -> None:
    """Ask for each page; those that are gone (404, 410) are left out.

    Raises FetchError where all of them are gone, and for any other failure.
    """
    scope.expect(len(asks))
    gone = []
    for ask in asks:
        try:
            get(ask)
        except FetchError as error:
            if error.status not in (404, 410):
                raise
            gone.append(ask.page)
    if len(gone) == len(asks):
        raise FetchError(f"none of the pages asked for is there: {', '.join(gone) or 'none is named in the settings'}")


def spec_rows(content: bytes, document: str, sheet: Sheet) -> Rows:
    """The readings of all spec tables of a page, in the page's order; values in the unit of their quantity.

    Raises SchemaBreak where the page cannot be read, no table holds a known quantity, or what the sheet needs is missing.
    """
    found = grids(content, document)
    try:
        decimal = decimal_mark(dict.fromkeys(cell.text for grid in found for row in grid.rows for cell in row))
        records = list(_bounded(record for grid in found for record in _table_records(_Table(grid, sheet, decimal))))
    except ValueError as error:
        raise SchemaBreak(f"{document}: cells of a spec sheet were expected; {error}") from error
    known = {record["quantity"] for record in records} - {""}
    if not known:
        labels = "; ".join(_shown(grid) for grid in found[:3])
        tables = f"{len(found)} table{'' if len(found) == 1 else 's'}{': ' + labels if labels else ''}"
        raise SchemaBreak(f"{document}: no table of specifications was found; the page has {tables}")
    for need in sheet.needs:
        if not any(quantity.startswith(need) for quantity in known):
            raise SchemaBreak(
                f"{document}: a figure of {need.rstrip('_')} was expected; there are {', '.join(sorted(known))}"
            )
    return record_rows(records, NAMES)


def _bounded(records: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The records as they are; ValueError once their text is more than a page of specifications holds."""
    characters = 0
    for record in records:
        characters += sum(map(len, record.values()))
        if characters > MOST_TEXT:
            raise ValueError(f"its cells and labels, spans expanded, have more than {MOST_TEXT:,} characters")
        yield record


def _shown(grid: Grid) -> str:
    """A table in a few words, for an error message."""
    cells = dict.fromkeys(cell.text for row in grid.rows[:2] for cell in row[:6] if cell.text)
    return " ".join(" | ".join(cells).split())[:80]


# ---- words of labels ------------------------------------------------------------------------------------------------

_GENERIC = re.compile(
    r"(?:(?:values?|(?:technical|key|product|main)|specifications?|specs?|details?|descriptions?|features?|parameters?"
    r"|attributes?|data|items?|werte?|merkmale?|spezifikation(?:en)?|technische|valeurs?|caractéristiques?|valor(?:es)?"
    r"|especificaci(?:ón|ones)|especificaç(?:ão|ões)|仕様|値|項目)(?![a-z])[ /&:-]*)*",
    re.IGNORECASE,
)
_NAME_COLUMNS = (
    re.compile(
        r"(?:(?:chip|gpu|product|card|accelerator|hardware)[ -]?)?(?:name|model(?!l?e?d)|modell|modèle|modelo)\b", re.I
    ),
    re.compile(
        r"(?:product|accelerator|chip|gpu|card|processor|hardware|version|generation|variant|モデル|製品|型番)s?\b",
        re.I,
    ),
)
# What a label is about. A format or one of these on an axis tells that the axis names quantities.
_TOPICS = {
    "memory": re.compile(
        r"memory|vram|メモリ|speicher|mémoire|memoria|memória|\bhbm\w{0,4}$"
        r"|\bhbm\w{0,4}\b.{0,40}(?:capac|kapaz|band|largura|ancho|size|bw\b)|(?:capac|kapaz|band).{0,40}\bhbm",
        re.IGNORECASE,
    ),
    "power": re.compile(
        r"\b(?:tdp|tbp|tgp)\b|thermal design|board power|max(?:imum|\.)? (?:\w+ )?power|power (?:consumption|draw|limit)"
        r"|\bpower\b(?! (?:connect|suppl|plug))|leistungsaufnahme|verlustleistung|puissance|consumo|potencia|消費電力",
        re.IGNORECASE,
    ),
    "process": re.compile(
        r"\bprocess(?!ing|or|es)|lithograph|\bfab\b|technology node|fertigung|gravure|proceso|litograf|プロセス",
        re.IGNORECASE,
    ),
    "price": re.compile(r"(?:launch|release|introductory|initial)[^/]{0,40}(?:price|msrp)|\bmsrp\b", re.IGNORECASE),
    "rate": re.compile(
        r"peak compute|processing power|\bt(?:fl)?ops\b|teraflops|petaflops|\bflops\b|rechenleistung|performance"
        r"|rendimiento máximo|procesamiento máximo|computação|puissance de calcul|演算性能",
        re.IGNORECASE,
    ),
}
_BANDWIDTH = re.compile(
    r"band ?width|bandbreite|帯域|bande passante|ancho de banda|largura de banda|\bbw\b", re.IGNORECASE
)
_MEMORY_KIND = re.compile(r"\b(?:hbm|g?ddr|lpddr)\d?\w*|memory|vram", re.IGNORECASE)
_NOT_OF_MEMORY = re.compile(
    r"cache|\bl[123]\b|register|shared memory|on[- ]?chip|sram|scratchpad|system memory|\bvmem\b|\blds\b|interface|clock|takt"
    r"|interconnect|nvlink|\bici\b|pcie|infinity fabric|network|\bnic\b|all-?reduce|bisection|data rate|per pin|per stack",
    re.IGNORECASE,
)
_OF_THE_POD = re.compile(r"(?<![a-z])pods?(?![a-z])|superpod|\bcluster\b", re.IGNORECASE)
_OF_THE_CHIP = re.compile(r"(?:per|pro|par|por|je)[- ](?:chip|puce|gpu)", re.IGNORECASE)
_OF_THE_HOST = re.compile(r"(?<![a-z])hosts?(?![a-z])|\bdram\b|\bcpu\b|system memory|hôte|anfitri", re.IGNORECASE)
# What names several chips at once, or the machine around them.
_SYSTEM = re.compile(
    r"^\d+ ?[x×] |(?<![a-z0-9])(?:\d+-gpus?\b|nvl\d{2,}|[dh]gx\b|platform|server|node|rack|superpod|cluster)",
    re.IGNORECASE,
)
_RATIO = re.compile(
    r"/\s?(?:W|watt|mm²?|\$|USD)\b|per (?:watt|dollar|mm)|pro watt|efficien|price[- ]perf", re.IGNORECASE
)
_MEASURED = re.compile(r"measured|gemessen|mesur|medid|idle|average|typical(?! board)", re.IGNORECASE)
_LIMIT = re.compile(r"\bmax|\btdp\b|\btbp\b|\btgp\b", re.IGNORECASE)
_VECTOR = re.compile(
    r"non[- ](?:tensor|matrix)|\bvector|vektor|vectorial|\bvfma\b|cuda[- ]core|shader|\bsimd\b|ordinary", re.IGNORECASE
)
_UNIT_KIND = re.compile(
    r"(?:(?:vector|vektor|vfma|matrix|tensor(?:[- ]cores?)?|sparse|dense|with|without|w/|no|structured|sparsity|peak|tflops"
    r"|teraflops|tops)[\s,()/]*)+",
    re.IGNORECASE,
)
_ACCUMULATE = re.compile(r"(?:\(|w/|with|mit|and)?\s{0,3}(?:fp|int)\d{1,3}[- ]?(?:accum|akkum)\w*\)?", re.IGNORECASE)
_FP32 = re.compile(r"(?<![a-z])(?:fp|float)[- ]?32", re.IGNORECASE)
_ONLY_ON_MATRIX_UNITS = ("tf32", "fp8", "fp6", "fp4")
_LONGEST_FOOTNOTE = 300  # a longer one tells a story, it does not define a mark


@lru_cache(maxsize=8192)
def _topics(label: str) -> frozenset[str]:
    return frozenset(topic for topic, pattern in _TOPICS.items() if pattern.search(label))


@lru_cache(maxsize=8192)
def _formats(text: str) -> tuple[str, ...]:
    """Number formats a label names; the format sums are kept in does not count, nor "single precision" beside TF32."""
    found = precisions_in(_ACCUMULATE.sub(" ", text))
    if "tf32" in found and not _FP32.search(text):
        return tuple(name for name in found if name != "fp32")
    return found


@lru_cache(maxsize=8192)
def _unit_of(label: str) -> str:
    """The unit a header names, the innermost level first."""
    return next((unit for level in (*reversed(label.split(" / ")), label) if (unit := unit_in(level))), "")


class _Said(NamedTuple):
    """What a label says beside units and formats; `scope` is why a figure under it is not one of the chip."""

    topics: frozenset[str]
    scope: str
    may_be_memory: bool
    is_bandwidth: bool
    is_measured: bool
    is_limit: bool


@lru_cache(maxsize=8192)
def _said(label: str) -> _Said:
    scope = NOT_OURS if _RATIO.search(label) else ""
    if _OF_THE_HOST.search(label):
        scope = OF_THE_HOST
    if _OF_THE_POD.search(label) and not _OF_THE_CHIP.search(label):
        scope = OF_THE_POD
    said = (_NOT_OF_MEMORY, _BANDWIDTH, _MEASURED, _LIMIT)
    not_memory, bandwidth, measured, limit = (pattern.search(label) is not None for pattern in said)
    return _Said(_topics(label), scope, not not_memory, bandwidth, measured, limit)


@lru_cache(maxsize=8192)
def _kind(text: str) -> str:
    """Whether a text speaks of "vector" units, of "matrix" units, or of neither."""
    return "vector" if _VECTOR.search(text) else "matrix" if is_matrix(text) else ""


def _speaks(label: str) -> bool:
    """Whether a label tells of a quantity."""
    return bool(label) and bool(_topics(label) or _formats(label))


@lru_cache(maxsize=8192)
def _is_of_memory(text: str) -> bool:
    """Whether a cell names memory."""
    return _MEMORY_KIND.search(text) is not None


@lru_cache(maxsize=1024)
def _figures(text: str, unit: str, decimal: str, marks: tuple[tuple[str, str], ...]) -> tuple[Figure, ...]:
    """The figures of a cell; a cell that spans is read once a unit."""
    return tuple(figures(text, unit, decimal, dict(marks)))


# ---- tables ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """A cell in its place: the labels that tell its quantity, and the chip it is about."""

    cell: Cell
    chip: str
    row_label: str
    column_label: str
    quantity_labels: tuple[str, ...]
    marks: tuple[str, ...] = ()
    marks_of_chip: tuple[str, ...] = ()


@dataclass
class _Table:
    """One grid with its axes told apart.

    `quantities` is where the quantities are named: on "rows", on "columns", on "both", in the "cells", or "" where that
    is not clear or nowhere: such a table is not read. `rows` and `columns` are those of the data.
    """

    grid: Grid
    sheet: Sheet
    decimal: str
    title: str = ""
    header: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    name_column: int = 0
    quantities: str = ""

    def __post_init__(self) -> None:
        self.title = self.grid.title if len(self.grid.title) <= _LONGEST_LABEL else ""
        headers = self.grid.header_rows or int(_begins_with_names(self.grid))
        self.header = [row for row in range(headers) if not self._is_section(row)]
        self.rows = [row for row in self.grid.data_rows() if row >= headers and not self._is_section(row)]
        width = len(self.grid.rows[0]) if self.grid.rows else 0
        self.columns = list(range(self._first_of_data(1, width), width))
        self._tell_axes()
        if self.quantities == "columns":
            self.name_column = self._column_of_names(width)
            self.columns = [c for c in range(self._first_of_data(0, width), width) if c != self.name_column]

    def label_of_column(self, column: int) -> str:
        """The headers above a column, those over the whole width left out; "" where they are a text and no label."""
        return _joined([self.grid.rows[row][column] for row in self.header])

    def label_of_row(self, row: int) -> str:
        """The row's headers, else its first cell; where rows are chips, the name."""
        is_name = self.quantities == "columns"
        return _joined([self.grid.rows[row][self.name_column]] if is_name else self.grid.headers_of(row))

    def marks_of_column(self, column: int) -> tuple[str, ...]:
        """Footnote marks on the headers above a column."""
        return tuple(dict.fromkeys(mark for row in self.header for mark in self.grid.rows[row][column].notes))

    def marks_of_row(self, row: int) -> tuple[str, ...]:
        """Footnote marks on the headers of a row."""
        headers = (cell for cell in self.grid.rows[row] if cell.is_header or cell.column == 0)
        return tuple(dict.fromkeys(mark for cell in headers for mark in cell.notes))

    def meaning(self, mark: str) -> str:
        """What a footnote mark says of sparsity: "sparse", "dense" or nothing."""
        words = self.grid.notes.get(mark, "")
        return sparsity_in(words) if 0 < len(words) <= _LONGEST_FOOTNOTE else ""

    def _is_section(self, row: int) -> bool:
        cells = self.grid.rows[row]
        return len(cells) > 1 and len({id(cell) for cell in cells}) == 1

    def _first_of_data(self, column: int, width: int) -> int:
        """The first column from this one on that does not hold the rows' headers."""
        while column < width and self._heads_rows(column):
            column += 1
        return column

    def _heads_rows(self, column: int) -> bool:
        return sum(self.grid.rows[row][column].is_header for row in self.rows) > len(self.rows) / 2

    def _tell_axes(self) -> None:
        labels = [self.label_of_column(column) for column in self.columns]
        names = [self.label_of_row(row) for row in self.rows]
        if not labels or not names:
            return
        across = sum(map(_speaks, labels)) / len(labels)
        down = sum(map(_speaks, names)) / len(names)
        if (down and _are_unit_kinds(labels)) or (across and _are_unit_kinds(names)):
            self.quantities = "both"
        elif across != down:
            self.quantities = "columns" if across > down else "rows"
        elif not across and any(_is_of_memory(cell.text) for cell in self._cells()):
            self.quantities = "cells"

    def _cells(self) -> Iterator[Cell]:
        return (self.grid.rows[row][column] for row in self.rows for column in self.columns)

    def _column_of_names(self, width: int) -> int:
        """The column that names the chips: by its header, else the first."""
        inner = [self.label_of_column(column).split(" / ")[-1] for column in range(width)]
        for pattern in _NAME_COLUMNS:
            for column, label in enumerate(inner):
                if pattern.match(label) and not _speaks(label):
                    return column
        return 0


def _joined(cells: Sequence[Cell]) -> str:
    """The words of header cells, joined by " / ", each once; "" where they are longer than a label."""
    if sum(len(cell.text) for cell in cells) > _LONGEST_LABEL:
        return ""
    return joined(cell.text for cell in cells)


def _begins_with_names(grid: Grid) -> bool:
    """Whether a table without header cells begins with a row of headers: nothing or a general word first, then words.

    `Name` or `Model` first will do too, above several columns or above a quantity.
    """
    if len(grid.rows) < 2 or len(grid.rows[0]) < 2:
        return False
    first, *others = grid.rows[0]
    if not all(cell.text.strip() for cell in others):
        return False
    names_chips = _NAME_COLUMNS[0].match(first.text) is not None and (len(others) > 1 or _speaks(_joined(others)))
    return not plain_name(first.text) or names_chips


def _are_unit_kinds(labels: Sequence[str]) -> bool:
    said = [label for label in labels if label]
    return bool(said) and all(_UNIT_KIND.fullmatch(label) and not _formats(label) for label in said)


def _table_records(table: _Table) -> Iterator[dict[str, str]]:
    """The readings of one table; none where no cell tells of a known quantity or of a pod's peak."""
    if not table.quantities:
        return
    readings = [(place, _read(place, table)) for place in _places(table)]
    _tell_siblings(readings, table)
    if not any(draft.quantity or draft.format or draft.is_of_a_pod for _, drafts in readings for draft in drafts):
        return
    for place, found in readings:
        for reading in _settled(found):
            yield {
                "chip_name": place.chip or table.sheet.chip,
                "table_number": str(table.grid.number),
                "table_title": table.grid.title,
                "row_label": place.row_label,
                "column_label": place.column_label,
                "cell_text": place.cell.raw or place.cell.text,
                "quantity": reading.quantity,
                "value": "" if reading.value is None else repr(reading.value),
                "unit": reading.unit,
                "sparsity": reading.sparsity,
                "note": reading.note,
            }


def _places(table: _Table) -> Iterator[_Place]:
    """The data cells with something in them, row by row; a cell that spans stands in each of its places."""
    chips = _chips(table)
    above = {column: (table.label_of_column(column), table.marks_of_column(column)) for column in table.columns}
    for row in table.rows:
        row_label, beside = table.label_of_row(row), table.marks_of_row(row)
        for column, (column_label, marks) in above.items():
            cell = table.grid.rows[row][column]
            if not cell.text.strip() or (cell.is_header and cell.column == 0):
                continue
            told = {
                "rows": ((row_label,), beside, marks),
                "columns": ((column_label,), marks, beside),
                "both": ((row_label, column_label), marks + beside, ()),
            }
            labels, of_quantity, of_chip = told.get(table.quantities, ((), (), ()))
            labels = tuple(filter(None, labels))
            yield _Place(cell, chips[row, column], row_label, column_label, labels, of_quantity, of_chip)


def _chips(table: _Table) -> dict[tuple[int, int], str]:
    """The chip of each data cell, "" where the table has several columns and no name for one.

    A name that stands for several rows gets the memory of its row behind it.
    """
    name = table.sheet.name
    if table.quantities in ("columns", "cells"):
        names = {row: name(table.label_of_row(row)) or table.sheet.chip for row in table.rows}
        if table.quantities == "columns":
            names = _with_memory(table, names)
        return {(row, column): names[row] for row in table.rows for column in table.columns}
    if table.quantities == "both":
        return {(row, column): table.sheet.chip for row in table.rows for column in table.columns}
    above = {column: name(table.label_of_column(column)) for column in table.columns}
    nameless = [column for column, found in above.items() if not found and _has_text(table, column)]
    alone = table.sheet.chip if len(nameless) == 1 and len(set(above.values())) == 1 else ""
    return {(row, column): above[column] or alone for row in table.rows for column in table.columns}


def _has_text(table: _Table, column: int) -> bool:
    return any(table.grid.rows[row][column].text.strip() for row in table.rows)


def _with_memory(table: _Table, names: dict[int, str]) -> dict[int, str]:
    labels = {column: table.label_of_column(column) for column in table.columns}
    memory = [c for c, label in labels.items() if "memory" in _topics(label) and not _BANDWIDTH.search(label)]
    counts = Counter(names.values())
    named = dict(names)
    for row, name in names.items():
        cells = ((table.grid.rows[row][column].text, _unit_of(labels[column])) for column in memory)
        sizes = (
            text for text, unit in cells if any(f.dimension == "bytes" for f in _figures(text[:100], unit, "", ()))
        )
        text = next(sizes, "")[:100]
        if counts[name] > 1 and text not in name:
            named[row] = f"{name} {text}"
    return named


# ---- cells ----------------------------------------------------------------------------------------------------------

_ORDER = re.compile(r"\b(dense|sparse)\b\W{1,5}\b(dense|sparse)\b", re.IGNORECASE)
_SEGMENT_ENDS = re.compile(r"[,;\n](?!\d)")
_RATES = ("flop_rate", "op_rate")
_BYTES = re.compile(r"B|[oO]ctet|o/s|byte")
_MEASURED_TOPICS = frozenset(("memory", "power", "process"))
_DOLLARS = ("$", "US$", "USD")
_STROKE = re.compile(r"[\s*†‡]{0,8}[|/][\s*†‡]{0,8}")
_LAST_WORD = re.compile(r"\) ?(\S{1,20})$")
_SIGNS = "*†‡§¶["


@dataclass
class _Draft:
    """What one figure of a cell may be, while its table is read; `format` is set for peak rates alone."""

    value: float | None = None
    unit: str = ""
    quantity: str = ""
    note: str = ""
    format: str = ""
    label: str = ""
    kind: str = ""
    sparsity: str = ""
    marked: str = ""
    figure: int = 0
    is_of_a_pod: bool = False


def _read(place: _Place, table: _Table) -> list[_Draft]:
    """A cell's figures, each with what labels and words make of it; peak rates are named once the table is known."""
    if len(place.cell.raw) > LONGEST_CELL or len(place.cell.notes) > _MOST_MARKS:
        return [_Draft(note=TOO_LONG)]
    text, marks = _marked_text(place.cell, table)
    unit = next((unit for label in place.quantity_labels if (unit := _unit_of(label))), "")
    if not unit and any(map(_formats, place.quantity_labels)):
        unit = table.sheet.rate_unit
    found = _figures(text, unit, table.decimal, marks)
    if not unit and (shared := _shared_unit(text, found)):
        found = _figures(text, shared, table.decimal, marks)
    if len(found) > _MOST_FIGURES:
        return [_Draft(note=SEVERAL)]
    rates = [figure for figure in found if figure.dimension in _RATES]
    drafts: list[_Draft] = []
    for number, figure in enumerate(found):
        labels = place.quantity_labels or (_segment(text, figure),)
        refusal = _refusal(place, table, found[number - 1] if number else None)
        if refusal:
            of_figure = [_draft(figure, "", refusal)]
        elif figure in rates and not _said(" / ".join(labels)).scope:
            of_figure = _peaks(figure, labels, place, table, (rates.index(figure), len(rates)))
        else:
            is_of_memory = not place.quantity_labels and _is_of_memory(text)
            of_figure = [_draft(figure, *_plain_quantity(figure, " / ".join(labels), is_of_memory))]
        drafts += [replace(draft, figure=number) for draft in of_figure]
    return drafts or [_Draft(note=NO_FIGURE)]


def _shared_unit(text: str, found: Sequence[Figure]) -> str:
    """The unit at a cell's end that holds for all its figures: `183 | 366* TFLOPS`, `989 (1979 w/ sparsity) TFLOPS`."""
    if len(found) < 2 or any(figure.unit for figure in found[:-1]):
        return ""
    if not found[-1].unit:
        last = _LAST_WORD.search(text, found[-1].start)
        return unit_in(last[1]) if last else ""
    gaps = (text[one.end : other.start] for one, other in pairwise(found))
    return found[-1].unit if all(_STROKE.fullmatch(gap) for gap in gaps) else ""


def _refusal(place: _Place, table: _Table, before: Figure | None) -> str:
    """Why no figure of this cell, or not the one after `before`, is one of a known quantity of the chip; "" if it may be."""
    if not place.chip:
        return WHICH_CHIP
    if _SYSTEM.search(place.chip):
        return OF_A_SYSTEM
    return OF_A_PART if before is not None and before.unit in ("x", "×") else ""


def _draft(figure: Figure, quantity: str, note: str) -> _Draft:
    if quantity and figure.is_range:
        return _Draft(None, figure.unit, "", A_RANGE)
    is_of_a_pod = note == OF_THE_POD and figure.dimension in _RATES
    value = None if figure.is_range else figure.base_value
    return _Draft(value, figure.unit, quantity, note, is_of_a_pod=is_of_a_pod)


def _marked_text(cell: Cell, table: _Table) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The cell's text with the footnote marks that tell of sparsity, and what these say."""
    marks = {mark: meaning for mark in cell.notes if mark[0] in _SIGNS and (meaning := table.meaning(mark))}
    if not marks:
        return cell.text, ()
    text = cell.raw
    for mark in cell.notes:
        if mark not in marks:
            text = text.replace(mark if mark[0] in _SIGNS else f"^{mark}", "")
    return text, tuple(marks.items())


def _segment(text: str, figure: Figure) -> str:
    """The words of a cell around a figure, up to the commas."""
    before = [end.end() for end in _SEGMENT_ENDS.finditer(text, 0, figure.start)]
    after = _SEGMENT_ENDS.search(text, figure.end)
    return text[before[-1] if before else 0 : after.start() if after else len(text)]


def _plain_quantity(figure: Figure, label: str, is_of_memory: bool) -> tuple[str, str]:
    """Quantity and note of a figure that is no peak rate; `is_of_memory` says that words elsewhere tell of memory."""
    said = _said(label)
    if said.scope:
        return "", said.scope
    if figure.dimension == "none" and not figure.unit and (said.topics & _MEASURED_TOPICS or _formats(label)):
        return "", NO_UNIT
    if said.may_be_memory and (is_of_memory or "memory" in said.topics):
        if figure.dimension == "bytes":
            return "memory_bytes", ""
        if figure.dimension == "bytes_per_second" and (said.is_bandwidth or _BYTES.search(figure.unit)):
            return "memory_bandwidth_bytes_per_second", ""
    if figure.dimension == "watts" and (said.is_measured or said.is_limit):
        return ("", MEASURED) if said.is_measured else ("tdp_watts", "")
    if figure.dimension == "nm" and "process" in said.topics:
        return "process_nm", ""
    if figure.dimension == "currency" and "price" in said.topics:
        return ("launch_price_usd", "") if figure.unit in _DOLLARS else ("", OTHER_CURRENCY)
    return "", NOT_OURS


def _peaks(
    figure: Figure, labels: tuple[str, ...], place: _Place, table: _Table, rank: tuple[int, int]
) -> list[_Draft]:
    """A peak rate, once for each number format it is stated for; `rank` is its place among the rates of the cell."""
    said = next((found for label in labels if (found := _formats(label))), ())
    formats = figure.precisions or said or _formats(table.title)
    if said and figure.precisions and not set(said) & set(figure.precisions):
        return [_draft(figure, "", OTHER_FORMAT)]
    if not formats:
        return [_draft(figure, "", NO_FORMAT)]
    if figure.is_range:
        return [_draft(figure, "peak", "")]
    title = table.title if _speaks(table.title) else ""
    kind = next((kind for text in (*labels, figure.text, title) if (kind := _kind(text))), "")
    sparsity = figure.sparsity or _sparsity(labels, place, table, title, rank)
    marked = next(filter(None, map(table.meaning, place.marks_of_chip)), "")
    note = SPARSE_OR_DENSE if sparsity == SPARSE_OR_DENSE else ""
    drafts = [_draft(figure, "", note or NOT_OURS) for _ in formats]
    for draft, name in zip(drafts, formats, strict=True):
        if not note:
            draft.format, draft.kind, draft.sparsity = name, kind, sparsity
            draft.label, draft.marked = labels[0], marked
    return drafts


def _sparsity(labels: tuple[str, ...], place: _Place, table: _Table, title: str, rank: tuple[int, int]) -> str:
    """What labels, the footnotes on them and the title say of a rate; in an order "sparse | dense" its place counts."""
    notes = [table.grid.notes.get(mark, "") for mark in (*place.marks, *place.cell.notes)]
    short = [words for words in notes if len(words) <= _LONGEST_FOOTNOTE]
    for text in (*labels, *short, title):
        order = _ORDER.search(text)
        if order and order[1].lower() != order[2].lower():
            return order[rank[0] + 1].lower() if rank[1] == 2 else SPARSE_OR_DENSE
    said = (
        [sparsity_in(label) for label in labels] + [table.meaning(mark) for mark in place.marks] + [sparsity_in(title)]
    )
    return next(filter(None, said), "")


def _tell_siblings(readings: Iterable[tuple[_Place, list[_Draft]]], table: _Table) -> None:
    """What the rest of a table says of a rate without a word of its own.

    Beside a rate on matrix units the plain one of the same format, under another label, is that of ordinary units. A mark
    on the chip's name speaks of its rates on matrix units; where a table marks what is with sparsity, the unmarked rate
    on matrix units is dense.
    """
    rates = [draft for _, drafts in readings for draft in drafts if draft.format]
    on_matrix = {
        (draft.format, draft.label) for draft in rates if draft.kind == "matrix" and draft.sparsity != "sparse"
    }
    with_sparsity = {draft.format for draft in rates if draft.sparsity == "sparse"}
    labels = [table.label_of_row(row) for row in table.rows] + [table.label_of_column(c) for c in table.columns]
    marks_sparsity = bool(with_sparsity) or any(sparsity_in(label) == "sparse" for label in labels)
    for draft in rates:
        if not draft.kind and draft.format not in ("fp64", "fp32"):
            is_plain = not draft.sparsity and any(f == draft.format and label != draft.label for f, label in on_matrix)
            of_matrix = table.sheet.on_matrix_units or draft.sparsity or draft.format in with_sparsity
            draft.kind = "vector" if is_plain else "matrix" if of_matrix else ""
        is_matrix_rate = draft.kind == "matrix" or (draft.format in _ONLY_ON_MATRIX_UNITS and draft.kind != "vector")
        if is_matrix_rate and not draft.sparsity:
            draft.sparsity = draft.marked or ("dense" if marks_sparsity else "")


def _peak_name(draft: _Draft) -> str:
    """The quantity of a peak rate, "" where the vocabulary has none."""
    name, kind = draft.format, draft.kind
    if draft.sparsity == "sparse":
        found = f"peak_{name}_sparse"
    elif kind == "matrix" or draft.sparsity == "dense" or (name in _ONLY_ON_MATRIX_UNITS and kind != "vector"):
        found = f"peak_{name}_dense"
    elif name in ("fp64", "fp32"):
        found = f"peak_{name}"
    elif kind == "vector":
        found = f"peak_{name}_vector"
    else:
        found = "peak_tensor_16bit" if name in ("fp16", "bf16") else f"peak_{name}"
    return found if found in QUANTITIES else ""


def _settled(drafts: list[_Draft]) -> list[_Draft]:
    """The rows a cell gives: one a figure and quantity, or one in all where no figure is of a quantity of ours."""
    for draft in drafts:
        if draft.format and draft.value is not None:
            draft.quantity = _peak_name(draft)
            draft.note = "" if draft.quantity else NOT_OURS
            draft.sparsity = (draft.sparsity or _unmarked(draft)) if draft.quantity else ""
    stated: dict[str, set[float | None]] = {}
    for draft in drafts:
        if draft.quantity:
            stated.setdefault(draft.quantity, set()).add(draft.value)
    for draft in drafts:
        if len(stated.get(draft.quantity, ())) > 1:
            draft.quantity, draft.sparsity, draft.note = "", "", SEVERAL
    if not any(draft.quantity for draft in drafts):
        is_one = len({draft.figure for draft in drafts}) == 1
        note = next((draft.note for draft in drafts if draft.note != NOT_OURS), NOT_OURS)
        return [_Draft(drafts[0].value if is_one else None, drafts[0].unit if is_one else "", note=note)]
    once: dict[tuple[str, float | None, int], _Draft] = {}
    for draft in drafts:
        once.setdefault((draft.quantity, draft.value, 0 if draft.quantity else draft.figure), draft)
    return list(once.values())


def _unmarked(draft: _Draft) -> str:
    """What stands for "the page does not say"; nothing for rates of ordinary units, which know no sparsity."""
    is_ordinary = draft.kind == "vector" or draft.quantity in ("peak_fp64", "peak_fp32")
    return "" if is_ordinary else "unmarked"
