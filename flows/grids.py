"""A page's tables as grids of cells: spans expanded, footnotes told from exponents, hidden text left out.

`html_grids` reads HTML, `text_grids` the stored text of a page, `grids` decides by the bytes. A cell's text keeps its
no-break spaces; other white space is one space, a line break or block of the page is a newline; a raised exponent is
`^15`, a footnote mark is taken out of `text` into `notes` and stays in `raw` (a raised letter or number as `^a`, `^2`).

The page comes from outside: it is read as a stream of tags with nothing fetched and no entity of its own expanded, and
a page beyond the limits below, or cut off inside a table, is a SchemaBreak.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from functools import cached_property, partial
from typing import Any

from lxml import etree

from flows.rows import SchemaBreak

MOST_BYTES = 10_000_000
MOST_TAGS = 1_000_000
MOST_CELLS = 200_000  # of a page, after expansion
MOST_COLUMNS = 1_000
WIDEST_SPAN, TALLEST_SPAN = 1_000, 65_534  # what HTML allows
DEEPEST = 250

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "br", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "tr", "ul",
}  # fmt: skip
_HIDDEN_OUTSIDE = frozenset(("table", "span", "sup", "a", "small"))  # the others may hold tables
_UNREAD = frozenset(("script", "style", "template", "noscript"))
_GROUPS = frozenset(("thead", "tbody", "tfoot"))
_HIDING = frozenset(("hidden", "style", "class"))
_HIDDEN_CLASSES = frozenset(("noprint", "sortkey", "mw-editsection", "mw-cite-backlink"))
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)

# Lone surrogates cannot come out of decoded bytes, so they mark places in a text: raised text, a footnote's marks, the
# end of either, a line break.
_RAISED, _NOTED, _LOWERED, _BREAK = "\ud800", "\ud801", "\ud802", "\ud803"
_END = "end-of-page"

_SPACE = re.compile(r" *[\t\r\n\f\v][ \t\r\n\f\v]*|  +")
_ODD_SPACE = re.compile(rf"[\t\r\n\f\v{_BREAK}]|  ")
_BREAKS = re.compile(rf" ?{_BREAK}[ {_BREAK}]*")
_WHITE = " \t\r\n\f\v"
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SIGNS = "*†‡§¶"
_UNUSUAL = re.compile(rf"[{_RAISED}-{_BREAK}\u00ad\u200b\u2060\ufeff\t\r\n\f\v{_SIGNS}\[⁰¹²³⁴-⁹⁺⁻]|  |^ | $")
_RAISED_PART = re.compile(rf"{_RAISED}([^{_LOWERED}]*){_LOWERED}|([⁰¹²³⁴-⁹⁺⁻]+)")
_NOTED_WORD = re.compile(rf"{_NOTED}(\w)")
_FLAT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+−")
_MARK = re.compile(
    rf" ?({_NOTED}[^{_LOWERED}]*{_LOWERED}|(?<=\S)[{_SIGNS}]{{1,4}}(?=$|[\s/,;){_NOTED}])|(?<= )[{_SIGNS}]{{1,4}}(?=\n|$)"
    r"|\[(?:\d{1,3}|[a-z]|(?:[Nn]ote|nb|[nN]|fn) ?\d{1,3})\])"
)
_TEN = re.compile(r"(?:^|[^\d.,])10$")
_TIMES_TEN = re.compile(r"[×x·⋅*]\s*10$", re.IGNORECASE)
_OF_LENGTH = re.compile(r"(?:^|[\s\d/·(])(?:[kcdmnµμ]?m|in|inch|ft|s)$")
_NUMBER = re.compile(r"[+−–-]?\d{1,3}(?:\.\d{1,3})?")
_SOME_NUMBERS = re.compile(r"\d{1,2}(?:\s*,\s*\d{1,2})+")
_LETTER = re.compile(r"[a-z]|\(?[a-z0-9]{1,2}\)")
_WHOLE_NUMBER = re.compile(r"\s*\+?0*(\d+)")
_NOTE_LINE = re.compile(
    rf"(?:[{_RAISED}{_NOTED}]([^{_LOWERED}]{{1,200}}){_LOWERED}|([{_SIGNS}]{{1,4}})|(\[\w{{1,8}}\])|(\(\w{{1,2}}\))|(\d{{1,2}})[.):])"
    r"\s*(\S.*)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    `row` and `column` are where it begins, from 0; the spans are those it has in the grid. `text` is what a reader sees
    without footnote marks, `notes` are those marks in order, `raw` is the text with them.
    """

    text: str
    row: int
    column: int
    is_header: bool
    row_span: int = 1
    column_span: int = 1
    notes: tuple[str, ...] = ()
    raw: str = ""


# A frozen dataclass fills its fields one guarded call each; a cell is made unfrozen, then frozen: a fifth of all time.
_Unfrozen: Any = make_dataclass("_Unfrozen", [(part.name, part.type) for part in fields(Cell)], slots=True)


@dataclass
class Grid:
    """One table, rectangular: a cell that spans is the same object in each of its places, a missing one is empty.

    `number` counts the tables of the page from 1, in order of their beginning. `title` is the caption, else the nearest
    heading above. The first `header_rows` rows are headers. `notes` maps a footnote mark to its words.
    """

    number: int
    title: str
    header_rows: int
    rows: list[list[Cell]]
    notes: dict[str, str] = field(default_factory=dict)
    _labels: dict[tuple[int, range], str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def labels(self, column: int, row: int | None = None) -> str:
        """The headers above a column, outermost first, joined by ' / '; one that repeats is said once.

        With a row it is the headers in force there: those of the table, else those last repeated above it.
        """
        above = range(self.header_rows) if row is None else self._in_force[row]
        if (column, above) not in self._labels:
            self._labels[column, above] = joined(self.rows[number][column].text for number in above)
        return self._labels[column, above]

    @cached_property
    def _in_force(self) -> list[range]:
        """The header rows that name the columns of each row; the name of a section names none."""
        in_force = []
        last = range(self.header_rows)
        begin = -1  # of the header rows that this row goes on
        for number, row in enumerate(self.rows):
            if number < self.header_rows or not all(cell.is_header for cell in row):
                begin = -1
            else:
                begin = number if begin < 0 else begin
                last = range(begin, number + 1) if row[0] is not row[-1] else last
            in_force.append(last)
        return in_force

    def row_label(self, row: int) -> str:
        """The row's headers joined by ' / '."""
        return joined(cell.text for cell in self.headers_of(row))

    def headers_of(self, row: int) -> list[Cell]:
        """The row's headers, that is its leading header cells; without such, its first cell."""
        cells = self.rows[row]
        leading = next((place for place, cell in enumerate(cells) if not cell.is_header), len(cells))
        return cells[: max(leading, 1)]

    def data_rows(self) -> list[int]:
        """The rows below the headers that are not headers themselves (a header repeated, the name of a section)."""
        rows = enumerate(self.rows[self.header_rows :], self.header_rows)
        return [number for number, row in rows if not all(cell.is_header for cell in row)]


def grids(content: bytes, document: str, labels: Iterable[str] = ()) -> list[Grid]:
    """The tables of a page of HTML or of text, whichever the bytes are; `labels` as in `text_grids`.

    Raises SchemaBreak as the two do, and for bytes that are neither (a PDF, a picture, an archive).
    """
    text = _decoded(content, document)
    return _html(text, document) if _is_html(text) else _text(text, document, labels)


def html_grids(content: bytes, document: str) -> list[Grid]:
    """The tables of an HTML page in the order they begin; a table in a cell is one of its own, one without cells is none.

    Spans are expanded as the HTML standard forms a table, except that a cell ends with its group of rows and that of two
    cells in one place the earlier stays. A table in a hidden part of the page counts, a hidden table does not.
    Raises SchemaBreak where the page is empty, declares entities, goes beyond a limit or ends inside a table.
    """
    return _html(_decoded(content, document), document)


def text_grids(content: bytes, document: str, labels: Iterable[str] = ()) -> list[Grid]:
    """The tables of a page kept as text, in order.

    Read are rows of cells between `|` (with or without a line of dashes under the header), lines `label: value`, and
    lines `label value` as pages stored without their markup have them: the value begins where a label of `labels` ends,
    else at the first later word that begins with a digit. Raises SchemaBreak as `html_grids` does, and where a row has
    more cells than its header.
    """
    return _text(_decoded(content, document), document, labels)


def joined(texts: Iterable[str]) -> str:
    """Words of header cells, each on one line, joined by ' / ', each once."""
    lines = (" ".join(text.split("\n")).strip() for text in texts)
    return " / ".join(dict.fromkeys(line for line in lines if line))


# ---- bytes → text ---------------------------------------------------------------------------------------------------

_MARKS_OF_ORDER = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"""(?:charset|<\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_ENTITIES = re.compile(r"<!doctype[^<>\[]{0,2000}\[", re.IGNORECASE)
# What a page may declare, and the codec that reads it as browsers do.
_CODECS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
_CODECS |= {f"windows-{number}": f"cp{number}" for number in range(1250, 1259)}
_CODECS |= {f"iso-8859-{number}": f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
_CODECS |= {"shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp"}
_CODECS |= {
    "iso-2022-jp": "iso2022_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
}
_CODECS |= {
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "macintosh": "mac_roman",
}


def _decoded(content: bytes, document: str) -> str:
    """The text of a page: by its byte order mark; as UTF-8 where it is that; as it declares; else as UTF-8 with gaps."""
    if len(content) > MOST_BYTES:
        raise SchemaBreak(f"{document}: a page of at most {MOST_BYTES:,} bytes was expected; it has {len(content):,}")
    if not content.strip():
        raise SchemaBreak(f"{document}: a page was expected; it is empty")
    codec = next((codec for mark, codec in _MARKS_OF_ORDER if content.startswith(mark)), "")
    if not codec:
        found = _DECLARED.search(content[:4096])
        declared = _CODECS.get(found[1].decode("ascii").lower(), "") if found else ""
        codec = declared if declared and not _is_utf8(content) else "utf-8"
    text = content.decode(codec, "replace")
    if _ENTITIES.search(text):
        raise SchemaBreak(
            f"{document}: a page without declarations was expected; its DOCTYPE declares entities of its own"
        )
    return text


def _is_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8 and more than ASCII; ISO-2022-JP for one is ASCII throughout."""
    try:
        return not content.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


# ---- a cell's text --------------------------------------------------------------------------------------------------


def _finished(marked: str, known: frozenset[str] = frozenset()) -> tuple[str, str, tuple[str, ...]]:
    """Text, raw text and footnote marks of a text with marked places; `known` are the marks explained near the table."""
    decided = _lines(marked)
    if _RAISED in decided or not decided.isascii():
        decided = _RAISED_PART.sub(lambda part: _raised(part, known), decided)
    text, *pieces = _MARK.split(decided)
    if not pieces:
        return decided, decided, ()
    notes: list[str] = []
    for mark in pieces[::2]:
        notes += mark[1:-1].split(",") if mark[0] == _NOTED else (mark,)
    text = (text + "".join(pieces[1::2])).strip(" \n")
    raw = _NOTED_WORD.sub(r"^\1", decided).replace(_NOTED, "").replace(_LOWERED, "") if _NOTED in decided else decided
    return text, raw, tuple(notes) if len(notes) == 1 else tuple(dict.fromkeys(notes))


def _lines(marked: str) -> str:
    """The text with its white space as a reader sees it: single spaces, a newline for each break."""
    if not marked.isascii():
        marked = _UNSEEN.sub("", marked)
    if _ODD_SPACE.search(marked):
        marked = _BREAKS.sub("\n", _SPACE.sub(" ", marked))
    return marked.strip(" \n")


def _raised(part: re.Match[str], known: frozenset[str]) -> str:
    """What a raised part of a text is: `^15`, plain text, or a footnote's marks."""
    before = part.string[max(0, part.start() - 24) : part.start()]
    if part[1] is None:
        return _raised_signs(part[2], before, known)
    if not (content := part[1]):
        return ""
    if _is_power(before.rstrip(" \u00a0"), content, known):
        return f"^{content}"
    return _noted(content) if any(shape.fullmatch(content) for shape in (_NUMBER, _SOME_NUMBERS, _LETTER)) else content


def _noted(content: str) -> str:
    """A footnote's mark, or the numbers of several, as a marked place."""
    marks = content.replace(" ", "") if _SOME_NUMBERS.fullmatch(content) else content.replace(",", "")
    return f"{_NOTED}{marks}{_LOWERED}"


def _raised_signs(signs: str, before: str, known: frozenset[str]) -> str:
    """What superscript characters are: mostly of a unit such as mm², and then as they stand."""
    content = signs.translate(_FLAT)
    if _TEN.search(before):
        return f"^{content}"
    return _noted(content) if content in known and before[-1:].isalpha() else signs


def _is_power(before: str, content: str, known: frozenset[str]) -> bool:
    """Whether raised text is an exponent: of a ten, of a unit of length, or of a number where no footnote has that mark."""
    if _TIMES_TEN.search(before):
        return content[0].isalnum() or content[0] in "+−–-"
    if _NUMBER.fullmatch(content) and (_OF_LENGTH.search(before) or not content[0].isdigit()):
        return True
    if content[0].isdigit() and before[-1:].isdigit():  # else the two would read as one number
        return content not in known and not _SOME_NUMBERS.fullmatch(content)
    return content == "n" and bool(_TEN.search(before))


def _key(mark: str) -> str:
    """A mark without what may be set around it, so that `(1)` under a table explains a raised `1` in it."""
    return mark.strip("[](). :\u00a0")


def _explained(marked: str) -> dict[str, str]:
    """Footnotes that a text gives, a line each, by the key of their mark; of two with one mark the first."""
    notes: dict[str, str] = {}
    for line in _lines(marked).split("\n"):
        if found := _NOTE_LINE.match(line):
            mark = found[1] or found[2] or found[3] or found[4] or found[5]
            notes.setdefault(_key(mark), _finished(found[6])[1])
    return notes


# ---- HTML -----------------------------------------------------------------------------------------------------------


# A cell as its tags give it: marked text, whether it is a header, rows and columns it spans; most are text alone.
_Draft = str | tuple[str, bool, int, int]


@dataclass
class _Table:
    """A table as its tags give it: groups of rows of cells, and what stands around it."""

    number: int
    heading: str
    caption: str = ""
    groups: list[tuple[str, list[list[_Draft]]]] = field(default_factory=list)
    row: list[_Draft] | None = None
    cell: tuple[list[_Draft], bool, int, int] | None = None  # the open one: its row, is it a header, its spans
    notes: dict[str, str] = field(default_factory=dict)  # key of a mark → its words near the table
    links: dict[str, str] = field(default_factory=dict)  # mark → the place on the page it links to


@dataclass
class _Footnotes:
    """What a page explains outside its tables."""

    targets: dict[str, str] = field(
        default_factory=dict
    )  # id of a place → its text, where a mark before it links there
    lines: dict[str, set[str]] = field(default_factory=dict)  # key of a mark → its words, all over the page
    above: list[_Table] = field(default_factory=list)  # the tables that the text being read stands below

    def take(self, marked: str) -> None:
        """Take the footnotes out of a text that ends where a heading or a table begins."""
        for key, words in _explained(marked).items():
            self.lines.setdefault(key, set()).add(words)
            for table in self.above:
                table.notes.setdefault(key, words)
        self.above.clear()


def _is_html(text: str) -> bool:
    return bool(re.search(r"<(?:!doctype\s+html|html|head|body|table|div)\b", text, re.IGNORECASE))


def _html(text: str, document: str) -> list[Grid]:
    if (tags := text.count("<")) > MOST_TAGS:
        raise SchemaBreak(f"{document}: a page of at most {MOST_TAGS:,} tags was expected; it has {tags:,}")
    text = text.replace("&nbsp;", "\u00a0").replace("&#160;", "\u00a0")  # each would come as a piece of text of its own
    page = _Page(document)
    parser = etree.HTMLParser(target=page, encoding="utf-8", no_network=True, huge_tree=False)
    try:
        etree.fromstring(f"{text}<{_END}></{_END}>".encode(), parser)
    except etree.LxmlError as error:
        raise SchemaBreak(f"{document}: an HTML page was expected; it cannot be read ({error})") from error
    if page.ends_inside:
        raise SchemaBreak(f"{document}: a whole page was expected; it ends inside {page.ends_inside}")
    return _grids(page.found, page.footnotes, document)


class _Page:
    """What a stream of tags says of tables: a parser's target."""

    def __init__(self, document: str) -> None:
        self.document = document
        self.found: list[_Table] = []
        self.tables: list[_Table] = []  # open, innermost last
        self.heading = ""
        self.footnotes = _Footnotes()
        self.ends_inside = "a tag, a comment or a script"  # what is open where the bytes end; "" where nothing is
        self._out: list[str] = []  # pieces of the texts being written, one text after that which it interrupts
        self.data = self._out.append  # text between tags
        # Of each open element with a text of its own: its depth, where in the pieces its text begins, who takes it.
        self._open: list[tuple[int, int, Callable[[str], None]]] = [(0, 0, self.footnotes.take)]
        self._cell_taker = self._take_cell
        self._wanted: set[str] = set()  # ids of places that footnote marks link to
        self._target: str | None = None  # of the place being read; "" where it turned out to be no footnote
        self._link: str | None = None  # of the raised text being written; None outside raised text
        self._depth = self._hidden_at = self._hidden_from = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens; raises SchemaBreak beyond the limits."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise SchemaBreak(f"{self.document}: tags at most {DEEPEST} deep were expected; these go deeper")
        if self._hidden_at:
            if tag == _END:
                self._end_of_page(tag, attributes)
        elif attributes and not _HIDING.isdisjoint(attributes) and self._is_hidden(tag, attributes):
            self._hide(tag, attributes)
        elif start := _STARTS.get(tag):
            start(self, tag, attributes)
        elif attributes and self._wanted:
            self._start_target(attributes)

    def end(self, tag: str) -> None:
        """A tag closes."""
        depth = self._depth
        self._depth = depth - 1
        if self._hidden_at:
            if self._hidden_at == depth:
                self._hidden_at = 0
                del self._out[self._hidden_from :]
            return
        while self._open[-1][0] >= depth:
            self._close_last()
        if tag in _BLOCKS:
            self._break()
            if tag == "tr" and self.tables:
                self.tables[-1].row = None

    def close(self) -> None:
        """The stream ends."""

    def _is_hidden(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element is not shown; outside tables and headings only one that holds no table is asked."""
        if self._is_outside() and tag not in _HIDDEN_OUTSIDE:
            return False
        if "hidden" in attributes or ("style" in attributes and _HIDDEN_STYLE.search(attributes["style"])):
            return True
        return "class" in attributes and not _HIDDEN_CLASSES.isdisjoint(attributes["class"].split())

    def _hide(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._hidden_at, self._hidden_from = self._depth, len(self._out)

    def _break(self) -> None:
        if self._link is None:
            self._out.append(_BREAK)

    def _write(self, taker: Callable[[str], None]) -> None:
        """Begin a text of its own, which `taker` is given at the end of the element."""
        self._open.append((self._depth, len(self._out), taker))

    def _close_last(self) -> None:
        _, begin, taker = self._open.pop()
        out = self._out
        if len(out) == begin + 1:
            taker(out.pop())
        else:
            text = "".join(out[begin:])
            del out[begin:]
            taker(text)

    def _is_outside(self) -> bool:
        return len(self._open) == 1

    # Tables, rows and cells.

    def _start_table(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._drop_target()
        if self._is_outside():
            self._end_text()
        table = _Table(len(self.found) + 1, self.heading)
        self.found.append(table)
        self.tables.append(table)
        self._write(self._take_table)

    def _take_table(self, text: str) -> None:
        self._close_cell()
        table = self.tables.pop()
        table.row = None
        self._out.append(_BREAK)
        if self._is_outside():
            self.footnotes.above.append(table)

    def _start_caption(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.tables:
            self._close_cell()
            self._write(self._take_caption)

    def _take_caption(self, text: str) -> None:
        self.tables[-1].caption = text

    def _start_group(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.tables:
            self._close_cell()
            table = self.tables[-1]
            table.groups.append((tag, []))
            table.row = None
            self._write(partial(self._take_group, table))

    def _take_group(self, table: _Table, text: str) -> None:
        if self.tables and self.tables[-1] is table:
            self._close_cell()
        table.row = None
        table.groups.append(("", []))

    def _start_row(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self.tables:
            return
        self._close_cell()
        table = self.tables[-1]
        if not table.groups:
            table.groups.append(("", []))
        table.row = []
        table.groups[-1][1].append(table.row)

    def _start_cell(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self.tables:
            return
        table = self.tables[-1]
        if table.cell is not None:
            self._close_cell()
        if table.row is None:
            self._start_row("tr", {})
            assert table.row is not None
        is_header, rows, columns = tag == "th", 1, 1
        if attributes:
            is_header = is_header or attributes.get("role") in ("columnheader", "rowheader")
            rows = self._span(attributes.get("rowspan", ""), TALLEST_SPAN, "rows")
            columns = self._span(attributes.get("colspan", ""), WIDEST_SPAN, "columns") or 1
        table.cell = (table.row, is_header, rows, columns)
        self._open.append((self._depth, len(self._out), self._cell_taker))

    def _take_cell(self, text: str) -> None:
        table = self.tables[-1]
        if table.cell is not None:
            row, is_header, rows, columns = table.cell
            text = text.strip(_WHITE)
            row.append(text if not is_header and rows == columns == 1 else (text, is_header, rows, columns))
            table.cell = None

    def _close_cell(self) -> None:
        """End the open cell of the innermost table, whose own end tag the page leaves out or misplaces."""
        while self.tables and self.tables[-1].cell is not None:
            self._close_last()

    def _span(self, said: str, most: int, of: str) -> int:
        """A span as HTML reads it, 1 where nothing readable is said; 0 stands for all rows to the group's end."""
        found = _WHOLE_NUMBER.match(said)
        if not found:
            return 1
        if len(found[1]) > 6 or int(found[1]) > most:
            place = f"{self.document} table {self.tables[-1].number}"
            raise SchemaBreak(f"{place}: a cell of at most {most:,} {of} was expected; one spans {found[1][:12]}")
        return int(found[1])

    # Headings, raised text, footnotes.

    def _start_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._break()
        if attributes and self._wanted:
            self._start_target(attributes)

    def _start_target(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("id", "")
        if self._target is None and name in self._wanted:
            self._target = name
            self._write(self._take_target)

    def _drop_target(self) -> None:
        """What a heading or a table is in is no footnote."""
        if self._open[-1][2] == self._take_target:
            self._target = ""
            self._close_last()

    def _start_heading(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._break()
        self._drop_target()
        if self._is_outside():
            self._end_text()
        if self._open[-1][2] != self._take_heading:
            self._write(self._take_heading)

    def _take_heading(self, marked: str) -> None:
        self.heading = _finished(marked)[0]
        if not self._is_outside():
            self._out.append(marked)

    def _start_raised(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._link is None:
            self._link = ""
            self._write(self._take_raised)

    def _take_raised(self, text: str) -> None:
        content, link = " ".join(text.split()), self._link
        self._link = None
        if link and self.tables:
            self.tables[-1].links[content] = link
        if content and (link or content[0] == "[" or not content.strip(_SIGNS + " ,")):
            self._out.append(_noted(content))
        elif content.isdigit() and len(self._out) > self._open[-1][1] and _TIMES_TEN.search(self._out[-1][-12:]):
            self._out.append(f"^{content}")  # what `_raised` would say too, said at once where no footnote can matter
        else:
            self._out.append(f"{_RAISED}{content}{_LOWERED}")

    def _start_link(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._link is None:  # not in raised text
            return
        to = attributes.get("href", "")
        if self._link == "" and to[:1] == "#" and len(to) > 1:
            self._link = to[1:]
            self._wanted.add(to[1:])

    def _take_target(self, marked: str) -> None:
        name, self._target = self._target, None
        self._out.append(marked)
        if not name:
            return
        line = _lines(marked).replace("\n", " ")
        found = _NOTE_LINE.match(line)
        words = _finished(found[6] if found else line)[1].rstrip(" ↩\ufe0e^")
        self.footnotes.targets.setdefault(name, words)

    def _end_text(self) -> None:
        """The text outside tables ends at a heading, a table or the end of the page."""
        self.footnotes.take("".join(self._out))
        self._out.clear()

    def _end_of_page(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.ends_inside = f"table {self.tables[-1].number}" if self.tables else ""
        if self._is_outside():
            self._end_text()


_STARTS: dict[str, Callable[[_Page, str, Mapping[str, str]], None]] = {
    _END: _Page._end_of_page,
    **dict.fromkeys(_UNREAD, _Page._hide),
    **dict.fromkeys(_BLOCKS, _Page._start_block),
    "table": _Page._start_table,
    "caption": _Page._start_caption,
    "tr": _Page._start_row,
    "td": _Page._start_cell,
    "th": _Page._start_cell,
    "sup": _Page._start_raised,
    "a": _Page._start_link,
    **dict.fromkeys(_GROUPS, _Page._start_group),
    **dict.fromkeys(_HEADINGS, _Page._start_heading),
}


# ---- drafts → grid --------------------------------------------------------------------------------------------------


@dataclass
class _Room:
    """How many cells a page's grids may still have."""

    document: str
    left: int = MOST_CELLS

    def take(self, cells: int) -> None:
        """Count cells; raises SchemaBreak where the page has too many."""
        self.left -= cells
        if self.left < 0:
            raise _too_many_cells(self.document)


def _too_many_cells(document: str) -> SchemaBreak:
    return SchemaBreak(
        f"{document}: at most {MOST_CELLS:,} cells were expected in all tables, spans expanded; it has more"
    )


def _grids(tables: list[_Table], footnotes: _Footnotes, document: str) -> list[Grid]:
    room = _Room(document)
    laid = (_grid(table, footnotes, room) for table in tables if any(rows for _, rows in table.groups))
    return [grid for grid in laid if grid.rows]


def _grid(table: _Table, footnotes: _Footnotes, room: _Room) -> Grid:
    groups = [group for group in table.groups if group[0] != "tfoot"] + [g for g in table.groups if g[0] == "tfoot"]
    notes = _footer(groups) | table.notes
    cells = _Cells(frozenset(notes), room, f"{room.document} table {table.number}")
    for kind, drafts in groups:
        cells.add(drafts, kind == "thead")
    rows = cells.rectangular()
    title = _finished(table.caption, cells.known)[0] or table.heading
    marks = dict.fromkeys(mark for row in rows for cell in row for mark in cell.notes)
    said = {mark: _words(mark, table.links.get(mark, ""), notes, footnotes) for mark in marks}
    said |= {mark: words for mark, words in notes.items() if mark and not mark.strip(_SIGNS)}
    said = {mark: words for mark, words in said.items() if words}
    return Grid(table.number, joined([title]), _header_rows(rows, cells.heads), rows, said)


def _words(mark: str, link: str, notes: Mapping[str, str], footnotes: _Footnotes) -> str:
    """The words of a mark: those it links to, else those near the table, else the only ones on the page; '' for none."""
    elsewhere = footnotes.lines.get(_key(mark), set())
    only = next(iter(elsewhere)) if len(elsewhere) == 1 else ""
    return footnotes.targets.get(link, "") or notes.get(_key(mark), "") or only


def _footer(groups: list[tuple[str, list[list[_Draft]]]]) -> dict[str, str]:
    """Take the last rows that are footnotes throughout out of a table; the footnotes by the key of their mark."""
    notes: dict[str, str] = {}
    for kind, rows in reversed(groups):
        while rows:
            if len(rows[-1]) != 1:
                return notes
            draft = rows[-1][0]
            marked, _, _, wide = (draft, False, 1, 1) if isinstance(draft, str) else draft
            if wide < 2 and kind != "tfoot":
                return notes
            if not all(_NOTE_LINE.match(line) for line in _lines(marked).split("\n")):
                return notes
            notes = _explained(marked) | notes
            rows.pop()
    return notes


class _Cells:
    """Cells put in their places, one group of rows after the other."""

    def __init__(self, known: frozenset[str], room: _Room, place: str) -> None:
        self.known = known
        self.heads = 0  # rows of the groups of headers it begins with
        self._room = room
        self._place = place
        self._rows: list[list[Cell | None]] = []
        self._finished: dict[str, tuple[str, str, tuple[str, ...]]] = {}

    def add(self, drafts: list[list[_Draft]], is_head: bool) -> None:
        """Put a group's cells in the first free place of their row; a cell ends with the group at the latest."""
        begin, height = len(self._rows), len(drafts)
        if is_head and begin == self.heads:
            self.heads += height
        self._rows += [[] for _ in drafts]
        for number, row in enumerate(drafts, begin):
            self._room.take(len(row))
            places = self._rows[number]
            column = 0
            for draft in row:
                while column < len(places) and places[column] is not None:
                    column += 1
                marked, is_header, rows, wide = (draft, False, 1, 1) if isinstance(draft, str) else draft
                if column + wide > MOST_COLUMNS:
                    raise SchemaBreak(
                        f"{self._place}: at most {MOST_COLUMNS:,} columns were expected; row {number + 1} has more"
                    )
                tall = 1 if rows == 1 else min(rows or height, begin + height - number)
                text, raw, notes = self._finish(marked) if _UNUSUAL.search(marked) else (marked, marked, ())
                cell = _Unfrozen(text, number, column, is_header or is_head, tall, wide, notes, raw)
                cell.__class__ = Cell
                if tall == wide == 1 and column == len(places):
                    places.append(cell)
                else:
                    self._spread(cell)
                column += wide

    def _finish(self, marked: str) -> tuple[str, str, tuple[str, ...]]:
        if (found := self._finished.get(marked)) is None:
            found = self._finished[marked] = _finished(marked, self.known)
        return found

    def _spread(self, cell: Cell) -> None:
        """Put a cell in each of its places where no earlier one stands."""
        self._room.take(cell.row_span * cell.column_span - 1)
        beyond = cell.column + cell.column_span
        for places in self._rows[cell.row : cell.row + cell.row_span]:
            places += [None] * (beyond - len(places))
            for column in range(cell.column, beyond):
                if places[column] is None:
                    places[column] = cell

    def rectangular(self) -> list[list[Cell]]:
        """The rows, all of one length: where no cell came to stand is an empty one."""
        width = max(map(len, self._rows), default=0)
        for number, row in enumerate(self._rows):
            if (missing := width - len(row)) or None in row:
                self._room.take(missing)
                row += [None] * missing
                row[:] = [cell or Cell("", number, column, False) for column, cell in enumerate(row)]
        return self._rows if width else []  # type: ignore[return-value]


def _header_rows(rows: list[list[Cell]], heads: int) -> int:
    """How many rows are headers: those of a leading thead, else the leading rows of th, else one with an empty corner."""
    if heads or not rows:
        return heads
    count = 0
    while count < len(rows) and _is_header_row(rows[count]) and not (count and rows[count][0] is rows[count][-1]):
        count += 1
    reach = max((cell.row + cell.row_span for row in rows[:count] for cell in row if cell.is_header), default=0)
    if count < reach < len(rows):
        return reach
    return count or int(_has_bare_header(rows))


def _is_header_row(row: list[Cell]) -> bool:
    """Whether a row is th throughout, its corner left empty or not."""
    rest = row if row[0].is_header or row[0].text.strip() else row[1:]
    return bool(rest) and all(cell.is_header for cell in rest)


def _has_bare_header(rows: list[list[Cell]]) -> bool:
    """Whether the first row of a table without th above its figures names columns: it has no corner and no figure."""
    bare = not any(cell.is_header and cell.column for row in rows for cell in row)
    first = [cell.text.strip() for cell in rows[0]]
    named = len(first) > 1 and not first[0] and all(first[1:]) and not any(_FIGURE.match(text) for text in first)
    return bare and named and len(rows) > 1 and bool(rows[1][0].text.strip())


# ---- text -----------------------------------------------------------------------------------------------------------

_RULED = re.compile(r":?-{1,}:?")
_BAR = re.compile(r"(?<!\\)\|")
_COLON = re.compile(r"([^|:]{1,80}):\s+(\S.*)")
_ADDRESS = re.compile(r"\w+://")
_FIGURE = re.compile(r"[~≈≥≤<>+−–-]?[$€£¥]?\d")
_WITH_DIGIT = re.compile(r"\w{0,20}\d")
_EMPHASIS = re.compile(r"(\*\*|__)(?=[^\s*_])([^*_\n]{1,500})(?<=\S)\1")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\s]{1,2000}\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|~-])")
_RAISED_TAG = re.compile(r"<sup>([^<]{0,200})</sup>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
MOST_LINES = 500_000
LONGEST_ROW = 200  # of a row "label value": what is longer is prose


def _text(text: str, document: str, labels: Iterable[str]) -> list[Grid]:
    begins = text.lstrip()[:8]
    if "\0" in text or text.count("\ufffd") * 20 > len(text) or begins.startswith(("%PDF-", "PK\x03\x04")):
        raise SchemaBreak(f"{document}: a page of HTML or text was expected; the bytes begin with {begins!r}")
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise SchemaBreak(f"{document}: at most {MOST_LINES:,} lines were expected; it has {len(lines):,}")
    page = _TextPage(document, labels)
    page.read([line.strip(" \t\r\n\f\v") for line in lines])
    return _grids(page.found, page.footnotes, document)


class _TextPage:
    """What the lines of a text say of tables."""

    def __init__(self, document: str, labels: Iterable[str]) -> None:
        self.found: list[_Table] = []
        self.footnotes = _Footnotes()
        self._document = document
        known = {" ".join(label.casefold().split()) for label in labels} - {""}
        self._labels = sorted(known, key=len, reverse=True)
        self._heading = ""
        self._above = ""  # the last line above that is no heading
        self._cells = 0
        self._below: list[str] = []  # the lines since the last table or heading

    def read(self, lines: list[str]) -> None:
        """Take in the lines of a page."""
        at = 0
        while at < len(lines):
            for end, make in ((_bars_end, self._bars), (_colons_end, self._colons), (self._values_end, self._values)):
                if (beyond := end(lines, at)) > at:
                    self._end_below()
                    make(lines[at:beyond], at + 1)
                    at = beyond
                    break
            else:
                self._prose(lines, at)
                at += 1
        self._end_below()

    def _end_below(self) -> None:
        self.footnotes.take(_BREAK.join(self._below))
        self._below.clear()

    def _prose(self, lines: list[str], at: int) -> None:
        line = lines[at]
        alone = not any(lines[max(at - 1, 0) : at]) and not any(lines[at + 1 : at + 2])
        if line.startswith("#") or (line and alone and len(line) <= 80 and line[-1] not in ".:;,"):
            self._end_below()
            self._heading = line.lstrip("# ")
            self._above = ""
        elif line:
            self._above = line
            self._below.append(line)

    def _add(self, head: list[list[str]], body: list[list[str]]) -> None:
        self._cells += sum(map(len, head)) + sum(map(len, body))
        if self._cells > MOST_CELLS:
            raise _too_many_cells(self._document)
        table = _Table(len(self.found) + 1, self._heading or self._above)
        for kind, rows in (("thead", head), ("", body)):
            table.groups.append((kind, [list[_Draft](row) for row in rows]))
        self.found.append(table)
        self.footnotes.above.append(table)
        self._above = ""

    # Cells between bars.

    def _bars(self, lines: list[str], number: int) -> None:
        if (bars := max(line.count("|") for line in lines)) > MOST_COLUMNS:
            place = f"{self._document} line {number}"
            raise SchemaBreak(
                f"{place}: a table of at most {MOST_COLUMNS:,} columns was expected; a row has {bars:,} bars"
            )
        rows = [_barred(line) for line in lines]
        rules = [at for at, row in enumerate(rows) if all(_RULED.fullmatch(cell) for cell in row)]
        if rules[1:] or rules[:1] == [0]:
            place = f"{self._document} line {number + rules[-1]}"
            raise SchemaBreak(
                f"{place}: one line of dashes, under the header, was expected in a table; here is another"
            )
        heads = rules[0] if rules else 1
        body = rows[heads + 1 :] if rules else rows[1:]
        width = max(map(len, rows[:heads]))
        widest = max(map(len, body), default=width)
        if not rules and all(len(row) == width + 1 for row in body):
            rows[0].insert(0, "")  # the name of the column of labels is left out
        elif widest > width:
            line = next(at for at, row in enumerate(rows) if len(row) > width)
            place = f"{self._document} line {number + line}"
            raise SchemaBreak(f"{place}: {width} cells as in the header were expected; the row has {len(rows[line])}")
        self._add(
            [[_markdown(cell) for cell in row] for row in rows[:heads]], [[_markdown(c) for c in r] for r in body]
        )

    # A label and its value on a line.

    def _colons(self, lines: list[str], number: int) -> None:
        self._add([], [list(found.groups()) for line in lines if (found := _COLON.fullmatch(line))])

    def _values(self, lines: list[str], number: int) -> None:
        first = self._split(lines[0], _FIGURE)
        head = [] if first[1:] else [self._split(lines[0], _WITH_DIGIT)]
        self._add(head, [self._split(line, _FIGURE) for line in lines[len(head) :]])

    def _values_end(self, lines: list[str], at: int) -> int:
        """Where a run of lines `label value` ends; `at` where none begins: it has a header or value, and two more."""
        end = at
        while end < len(lines) and _may_be_row(lines[end]):
            end += 1
        with_value = sum(len(self._split(line, _FIGURE)) == 2 for line in lines[at + 1 : end])
        return end if with_value >= 2 and with_value * 2 >= end - at - 1 else at

    def _split(self, line: str, begins: re.Pattern[str]) -> list[str]:
        """Label and value, the value beginning after a known label, else at a later word that `begins`; else the line."""
        folded = line.casefold()
        for label in self._labels if len(folded) == len(line) else ():
            if folded.startswith(label) and folded[len(label) : len(label) + 1] in (" ", ":"):
                return [line[: len(label)], line[len(label) :].lstrip(" :")]
        for word in re.finditer(r"(?<= )\S+", line):
            if begins.match(word[0]):
                return [line[: word.start()].rstrip(" :"), line[word.start() :]]
        return [line]


def _bars_end(lines: list[str], at: int) -> int:
    """Where a run of lines with cells between bars ends; `at` where none begins, one line alone being none."""
    end = at
    while end < len(lines) and (lines[end][:1] == "|" or lines[end][-1:] == "|" or " | " in lines[end]):
        end += 1
    return end if end - at > 1 else at


def _colons_end(lines: list[str], at: int) -> int:
    """Where a run of lines `label: value` ends; `at` where none begins, one line alone being none."""
    end = at
    while end < len(lines) and (found := _COLON.fullmatch(lines[end])) and not _ADDRESS.match(found[2]):
        end += 1
    return end if end - at > 1 else at


def _may_be_row(line: str) -> bool:
    if not line or len(line) > LONGEST_ROW or "|" in line:
        return False
    return not line[0].islower() and line[0] not in f"#{_SIGNS}" and line[-1] not in ".:;,"


def _barred(line: str) -> list[str]:
    """The cells of a line between bars, one at its beginning and one at its end being the table's frame."""
    cells = _BAR.split(line.removeprefix("|"))
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [cell.strip(" \t") for cell in cells]


def _markdown(cell: str) -> str:
    """A cell's marked text without what Markdown or HTML adds to it."""
    if not re.search(r"[\\<&*_`\]]", cell):
        return cell
    cell = re.sub(r"<br\s*/?>", _BREAK, cell, flags=re.IGNORECASE)
    cell = _TAG.sub("", _RAISED_TAG.sub(rf"{_RAISED}\1{_LOWERED}", cell))
    cell = _EMPHASIS.sub(r"\2", _MARKDOWN_LINK.sub(r"\1", cell.replace("`", "")))
    return html.unescape(_ESCAPED.sub(r"\1", cell))
