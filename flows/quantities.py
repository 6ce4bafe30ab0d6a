"""Text of a spec sheet as figures: numbers in several spellings, with unit, precision and sparsity, never a guess."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import pint

LONGEST_CELL = 10_000

# --- What is given back ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a cell.

    `value` is the number as written and `unit` its unit as written (the header's where the cell has none, "x" for the
    count of a product such as `2 x 100 Gbps`); `base_value` is in FLOP/s, op/s, bytes, bytes/s, W, nm, Hz, pieces or
    whole units of the currency, and equals `value` where the dimension is "none". Of a range, `value` is the high end;
    `low` and `high` are in `unit` too. `text` is the part of the cell the figure came from, `cell[start:end]`;
    `sparsity` (dense, sparse or nothing) and `precisions` are what that part says.
    """

    value: float
    unit: str
    dimension: str
    base_value: float
    text: str
    start: int
    end: int
    sparsity: str = ""
    precisions: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    is_range: bool = False


def figures(text: str, unit: str = "", decimal: str = "", marks: Mapping[str, str] | None = None) -> list[Figure]:
    """Every figure of a cell or sentence fragment, in order.

    `unit` is the header's unit, for figures without one of their own; `decimal` ("." or ",") the page's decimal mark;
    where it is "", the cell's own numbers decide if they can, else the English reading holds. `marks` says what a
    footnote mark means ({"*": "sparse"}). FLOPs without "per second" are a rate, as spec sheets mean it. What could
    be read in two ways (a date, a fraction, `RTX 580 150 W`) gives no figure.
    Raises ValueError for a cell over 10,000 characters and for a decimal mark that is none.
    """
    if len(text) > LONGEST_CELL:
        raise ValueError(
            f"a cell of {len(text)} characters is no cell of a spec sheet; at most {LONGEST_CELL} are read"
        )
    if decimal not in ("", ".", ","):
        raise ValueError(f'the decimal mark is ".", "," or "" (unknown), not {decimal!r}')
    plain = _plain(text)
    footnotes = _marks(tuple(marks.items())) if marks else None
    tokens = _tokens(plain, footnotes)
    mark = decimal or _mark_of(tokens) or "."
    found = [one for run in _runs(tokens) for one in _read_run(run, mark, unit.strip())]
    return _with_words(text, plain, [one for one in found if math.isfinite(one.base_value)], footnotes)


def precisions_in(text: str) -> tuple[str, ...]:
    """Number formats a text names (fp64, tf32, bf16, int8, int4 …), in the order in which it names them, each once."""
    return _precisions(_plain(text))


def sparsity_in(text: str) -> str:
    """What a text says of sparsity: "sparse", "dense", or "" where it says nothing or both.

    Its first sentence on the matter counts: `Shown with sparsity. Half as much without.` is "sparse".
    """
    return _sparsity(_plain(text))


def is_matrix(text: str) -> bool:
    """Whether a text speaks of matrix units (tensor cores, MXU …); a `Tensor Core GPU` is a product, no unit."""
    plain = _plain(text)
    return _MATRIX.search(_NOT_MATRIX.sub(" ", plain)) is not None


def unit_in(text: str) -> str:
    """The unit a header names, as written: `Memory bandwidth (GB/s)` gives "GB/s".

    "" where it names none, several or a power of ten beside it, and for a text over 10,000 characters, which is no header.
    """
    plain = _plain(text) if len(text) <= LONGEST_CELL else ""
    if _POWER_OF_TEN.search(plain):
        return ""
    inside = [unit for found in _BRACKET.finditer(plain) for unit in _units_between(text, plain, *found.span(1), True)]
    if not inside:
        open_text = _BRACKET.sub(lambda bracket: " " * len(bracket[0]), plain)
        inside = _units_between(text, open_text, 0, len(open_text), False)
    meanings = {_resolve(_plain(unit)) for unit in inside}
    return inside[0] if len(meanings) == 1 else ""


def decimal_mark(texts: Iterable[str]) -> str:
    """The decimal mark a page uses, by the numbers that can be read in one way only; "" without or with mixed evidence.

    `1,1 Exaflops` and `4.096 Chips` (no part of a chip is counted) both tell of a comma. Numbers with a known unit count
    first; the others (versions, sizes) only where there is none of those.
    """
    strong: set[str] = set()
    weak: set[str] = set()
    for text in [texts] if isinstance(texts, str) else texts:
        for token in _tokens(_plain(text), None):
            if token.is_refused:
                continue
            (weak if token.meaning is None or token.meaning.dimension == "none" else strong).add(_evidence(token))
    found = (strong - {""}) or (weak - {""})
    return found.pop() if len(found) == 1 else ""


# --- Characters ------------------------------------------------------------------------------------------------------
# One character becomes one character, so that places in the cell stay places in the cell.

_HARD = "\u2009"
_SAME = {
    **dict.fromkeys(map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"), _HARD),
    **dict.fromkeys(map(ord, "\t\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"), " "),
    **dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), "\n"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
    ord("\u301c"): "~",
    ord("、"): ";",
    ord("⁄"): "/",
    ord("∕"): "/",
    ord("⋅"): "·",
    ord("∙"): "·",
    ord("✕"): "×",
    ord("\u03bc"): "µ",
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_TO_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LETTER = "A-Za-zªºµÀ-ÖØ-öø-ʯͰ-ӿ"
_CJK = "\u3040-\u30fb\u30fd-\u30ff\u3400-\u9fff\uac00-\ud7af"


def _plain(text: str) -> str:
    return text if text.isascii() and "\t" not in text and "\r" not in text else text.translate(_SAME)


# --- Units -----------------------------------------------------------------------------------------------------------


class _Unit(NamedTuple):
    """What a unit word means: the dimension and the exact factor to its base; `power`, where that is a power of ten."""

    dimension: str
    factor: Fraction
    power: int | None


def _unit(dimension: str, factor: Fraction | int = 1) -> _Unit:
    power = len(str(factor)) - 1
    return _Unit(dimension, Fraction(factor), power if factor == 10**power else None)


_NONE = _unit("none")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PREFIXES = {"k": "kilo", "m": "milli", "M": "mega", "G": "giga", "T": "tera", "P": "peta", "E": "exa", "Z": "zetta"}
_BINARY = {"Ki": "kibi", "ki": "kibi", "Mi": "mebi", "Gi": "gibi", "Ti": "tebi", "Pi": "pebi", "Ei": "exbi"}
_DEFINITIONS = (
    "milli- = 1e-3", "micro- = 1e-6", "nano- = 1e-9", "kilo- = 1e3", "mega- = 1e6", "giga- = 1e9", "tera- = 1e12",
    "peta- = 1e15", "exa- = 1e18", "zetta- = 1e21", "kibi- = 1024", "mebi- = 1024**2", "gibi- = 1024**3",
    "tebi- = 1024**4", "pebi- = 1024**5", "exbi- = 1024**6",
    "second = [time]", "flop = [floating_point_operation]", "op = [operation]", "byte = [information]", "bit = byte / 8",
    "watt = [power]", "meter = [length]", "hertz = 1 / second",
)  # fmt: skip
_BASES = {
    "flop_rate": "flop / second",
    "op_rate": "op / second",
    "bytes": "byte",
    "bytes_per_second": "byte / second",
    "watts": "watt",
    "nm": "nanometer",
    "hertz": "hertz",
}
_LONG = "kilo|mega|giga|tera|peta|exa|zetta"
_LONG_BINARY = "kibi|mebi|gibi|tebi|pebi|exbi"
_PER_SECOND = r"(?P<rate>ps|/(?i:s|sec|second|sek|с))"
# A spelling's stem, and what it is called in the registry; short prefixes tell capital from small, words do not.
_FAMILIES = [
    (re.compile(rf"(?i:(?P<prefix>{_LONG}|[KMGTPEZ])?[- ]?flops?(?P<rate>(?<=s)|/s|/sec|/second))"), "flop"),
    (re.compile(r"(?P<prefix>[GTPE])F(?P<rate>)"), "flop"),
    (re.compile(rf"(?i:(?P<prefix>{_LONG}|[KMGTPEZ])?[- ]?ops?(?P<rate>(?<=s)|/s|/sec|/second))"), "op"),
    (re.compile(rf"(?i:(?P<prefix>{_LONG})?[- ]?operations(?P<rate>/s|/sec|/second))"), "op"),
    (re.compile(rf"(?P<prefix>[kKMGTPE]|[KkMGTPE]i)B{_PER_SECOND}?"), "byte"),
    (re.compile(r"(?P<prefix>)B(?P<rate>/s|/sec)"), "byte"),
    (re.compile(r"(?P<prefix>[kKMGTPE]|[KkMGTPE]i)o(?P<rate>/s|/sec)?"), "byte"),
    (re.compile(rf"(?P<prefix>[kKMGTPE]|[KMGTPE]i|(?i:{_LONG}|{_LONG_BINARY}))?[- ]?(?i:bytes?|octets?){_PER_SECOND}?"), "byte"),
    (re.compile(rf"(?P<prefix>[kKMGTPE]|[KkMGTPE]i)b{_PER_SECOND}?"), "bit"),
    (re.compile(r"(?P<prefix>)b(?P<rate>ps|/s|/sec)"), "bit"),
    (re.compile(rf"(?P<prefix>[kKMGTPE]|[KMGTPE]i|(?i:{_LONG}|{_LONG_BINARY}))[- ]?(?i:bits?){_PER_SECOND}?"), "bit"),
    (re.compile(rf"(?P<prefix>)(?i:bits?){_PER_SECOND}"), "bit"),
    (re.compile(rf"(?P<prefix>[kmMG])?W|(?i:(?P<long>{_LONG}|milli|k)?[- ]?(?:watts?|vatios?|ватт))|Вт"), "watt"),
    (re.compile(r"(?i:(?P<nano>nm|nano-?met(?:er|re)s?|нм))|(?P<micro>[µu]m|(?i:micro-?met(?:er|re)s?|microns?))"), "meter"),
    (re.compile(r"(?P<prefix>[kKMGT])?[Hh][Zz]|(?P<caps>[KMGT])HZ|(?i:(?P<long>kilo|mega|giga|tera)?hertz)"), "hertz"),
]  # fmt: skip
_CURRENCIES = _words(
    "$ € £ ¥ ₩ ₹ US$ CA$ AU$ HK$ NT$ NZ$ C$ A$ R$ S$ USD EUR GBP JPY CNY RMB CHF KRW INR CAD AUD dollar dollars"
    " Dollar Dollars euro euros Euro Euros yen Yen"
)
_PIECES = _words(
    "chip chips core cores gpu gpus cpu cpus tpu tpus accelerator accelerators device devices host hosts node nodes"
    " port ports link links lane lanes stack stacks die dies sm sms cu cus transistor transistors transistoren"
    " unit units kern kerne kernen puce puces chiplet chiplets tensorcore tensorcores tmus rops pods slices"
)
_SCALES = {
    **dict.fromkeys(_words("thousand tausend"), 10**3),
    **dict.fromkeys(_words("million millions millionen mio"), 10**6),
    **dict.fromkeys(_words("billion billions milliarde milliarden milliard milliards mrd bn"), 10**9),
    **dict.fromkeys(_words("trillion trillions"), 10**12),
}
# In languages with a decimal comma these words mean a thousand or a million times as much.
_LONG_SCALE = ("billion", "trillion")
# Units of quantities nobody asks for here, and those with two meanings: gb, GBPS. Known, so that `128bit` is a figure.
_OTHERS = re.compile(
    r"bits?|Bits?|m|cm|mm|[cm]m[²2³]|°[CF]|%|‰|x|×|V|kg|g|lbs?|[kMGT]?Wh|[mµnp]s|s|[pn]J|fps|FPS|[MGT]?T/s"
    r"|[MGT]?(?:Pixels?|Texels?|Pix|Tex|P|vertices)/s|(?i:(?:tokens|samples|images)/s)"
    r"|[kmgtpe]b(?:/s|ps|/sec)?|[KMGTPE]BPS|(?i:[kmgtpe]?flop)|(?i:[kmgtpe]?op)|mhz|ghz"
)
# Words after a number that are no unit: what they say is read elsewhere, and the header's unit stays in force.
_NO_UNITS = _words(
    "a active an and are as at average avg base bei bidirectional bis boost by con ddr default dense dicht double dual each"
    " ecc effective et for from full gddr half hbm in integer is je matrix max maximal maximale maximum mean measured min"
    " minimum mit mixed nominal non not nvl o of off ohne on only or oder ou parcimonie passive pcie peak per plus por"
    " precision pro sans scarsità sin single sparse sparsity sparsität sparsité structured sxm tensor theoretical to total"
    " turbo typ typical typisch und up using vector via w with without y"
)
_SECONDS = _words("second sec s seconds sekunde sek seconde segundo secondo с 秒 초")
_PER_SECOND_BEFORE = ("毎秒", "每秒", "초당")
_MEASURES = _words(
    "watt watts w hour hours hr h stunde heure hora month monat mois year yr jahr day tag mm mm² dollar bit cycle clock"
    " takt minute min token kilowatt kw joule"
)


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry:
    """The units of spec sheets and no others, with exact factors."""
    registry: pint.UnitRegistry = pint.UnitRegistry(None, non_int_type=Fraction)
    for line in _DEFINITIONS:
        registry.define(line)
    return registry


@lru_cache(maxsize=256)
def _physical(expression: str) -> _Unit:
    """Dimension and factor to its base of a unit written for the registry ("gibibyte / second")."""
    quantity = _registry().Quantity(Fraction(1), expression)
    for dimension, base in _BASES.items():
        if quantity.is_compatible_with(base):
            return _unit(dimension, Fraction(quantity.to(base).magnitude))
    raise AssertionError(f"{expression} is of no dimension known here")


@lru_cache(maxsize=4096)
def _resolve(word: str) -> _Unit | None:
    """What a unit word means; None where it is no unit known here."""
    for pattern, stem in _FAMILIES:
        if match := pattern.fullmatch(word):
            return _physical(_expression(stem, match))
    if word in _CURRENCIES:
        return _unit("currency")
    low = word.lower()
    if low in _SCALES:
        return _unit("count", _SCALES[low])
    if low in _PIECES:
        return _unit("count")
    if _OTHERS.fullmatch(word):
        return _NONE
    scale, _, rest = word.partition(" ")
    if rest and scale.lower() in _SCALES and (inner := _resolve(rest)) is not None:
        return _unit(inner.dimension, _SCALES[scale.lower()] * inner.factor)
    halves = word.replace(" per ", "/").split("/")
    if len(halves) > 1 and all(half and (_resolve(half) or half.lower() in _MEASURES) for half in halves):
        return _NONE
    return None


def _expression(stem: str, match: re.Match[str]) -> str:
    groups = match.groupdict()
    if stem == "meter":
        return "nanometer" if groups["nano"] else "micrometer"
    prefix = groups.get("prefix") or groups.get("caps") or groups.get("long") or ""
    if prefix not in _BINARY and prefix not in _PREFIXES:
        prefix = prefix.upper() if len(prefix) == 1 else prefix.lower()
    if stem in ("flop", "op") and len(prefix) == 1:
        prefix = prefix.upper()
    name = {**_PREFIXES, "K": "kilo", **_BINARY}.get(prefix, prefix) + stem
    return f"{name} / second" if groups.get("rate") is not None else name


# --- Numbers ---------------------------------------------------------------------------------------------------------

_CURRENCY = r"(?:(?:US|CA|AU|HK|NT|NZ|C|A|R|S)?\$|[€£¥₩₹]|(?:USD|EUR|GBP|JPY|CNY|CHF)(?=[ \u20090-9]))"
_CORE = r"(?:[0-9]{1,3}(?P<group>[ \u2009'])[0-9]{3}(?:(?P=group)[0-9]{3})*(?![0-9])|[0-9]+)(?:[.,][0-9]+)*|\.[0-9]+"
_POWER = r"(?:(?:\^|\*\*|<sup>)[({]?(?P<power>[+-]?[0-9]{1,3})[)}]?(?:</sup>)?|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]{1,3}))(?![0-9⁰¹²³⁴-⁹])"
_DIGITS = (
    rf"(?P<sign>-(?=[0-9.$€£¥]))?(?:(?P<currency>{_CURRENCY})[ \u2009]?)?(?P<core>{_CORE})"
    rf"(?:[eE](?P<e>[+-]?[0-9]{{1,3}})(?![0-9])|[ \u2009]?[×x·*][ \u2009]?10{_POWER})?"
)
_JOINED_NUMBER = re.compile(_DIGITS)
# No number begins inside a word (H100, A100-80GB, No.5), after a power sign, or in the rest of a broken number.
_NUMBER = re.compile(
    rf"(?<![{_LETTER}0-9_^)\]])(?<![{_LETTER}0-9^)\]]-)(?<![0-9][.,])(?<!\.\.)(?<![{_LETTER}]\.)" + _DIGITS
)
_POWER_BEGINS = frozenset("^*<⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST_DIGITS = 400
_POWER_HERE = re.compile(_POWER)
_RAISED = re.compile(r"(?:\^|<sup>)-?[0-9]+(?:</sup>)?")
_POWER_OF_TEN = re.compile(rf"(?<![0-9])10{_POWER}")
_RATIO = re.compile(r"(?::[0-9]+(?:[.,][0-9]+)*)+")
_JOIN = re.compile(
    r"(?P<range>-|~|…|—|\.\.\.?|[ \u2009]+[-~][ \u2009]+|[ \u2009]+(?:[Tt]o|bis|à|hasta)[ \u2009]+)(?=-?[0-9$€£¥])"
    r"|(?P<slash>/)(?=[0-9$€£¥])|(?P<either>[ \u2009]+(?:or|oder|ou|and|und)[ \u2009]+)(?=[0-9$€£¥])"
    r"|(?P<times>[ \u2009]?[x×][ \u2009]?)(?=[0-9])|(?P<unclear>[ \u2009]+-)(?=[0-9])"
)
_WORD = rf"(?:°[CF]|[%‰×]|[{_LETTER}]+[²³]?(?:/[{_LETTER}]+[²³]?)*|{_CURRENCY}(?:/[{_LETTER}]+)*|[{_CJK}]+)"
_WORD_HERE = re.compile(_WORD)
_UNIT_HERE = re.compile(rf"(?P<gap>(?:[*†‡]|\[\w{{1,3}}\]){{0,3}}(?:[ \u2009]+|-)?)(?P<word>{_WORD})")
_NAME_GOES_ON = re.compile(r"[0-9_]")
_NEXT_WORD = re.compile(rf"[ \u2009]+(?P<word>{_WORD})")
_PREFIX_WORD = re.compile(rf"(?i:{_LONG}|{_LONG_BINARY})")
_AFTER_PREFIX = re.compile(rf"[- ][{_LETTER}]+(?:/[{_LETTER}]+)*")
_PER = re.compile(
    rf"(?:[ \u2009]+(?:per|pro|par|por|al|je)[ \u2009]+|[ \u2009]*/[ \u2009]*)(?P<of>[{_LETTER}]+²?|[{_CJK}]+)"
    r"|(?P<inverse>[ \u2009·]?s(?:\^?-1|⁻¹))(?![0-9])"
)
_NAME_BEFORE = re.compile(
    r"(?i:(?<![a-z])(?:pcie|pci[- ]express|pci|gen|gen\.|generation|nvlink|nvswitch|infinity fabric|cuda|rocm|opencl|opengl"
    r"|vulkan|directx|direct3d|shader model|usb|hdmi|displayport|g?ddr|lpddr|hbm|sxm|oam|cxl|version|ver\.?|rev\.?|v))"
    r"[ \u2009]*$"
)
_CAPITAL_BEFORE = re.compile(r"[A-Z]\w*[ ]$")
_NO_NUMBER_AFTER = frozenset("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞十百千万萬億亿兆")
_MONEY_SCALE = re.compile(
    rf"(?:(?P<letter>bn|[kKMmBb])|[ \u2009](?P<word>million|billion|trillion|Mio|Mrd))(?![{_LETTER}0-9])"
)
_MONEY_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9}


@dataclass(slots=True)
class _Token:
    """A number as found: where, its digits, the unit by it, the mark on it and how it is joined to the one before it."""

    start: int
    end: int
    core: str
    exponent: int | None
    is_negative: bool
    unit: str = ""
    meaning: _Unit | None = None
    is_refused: bool = False
    join: str = ""
    marked: str = ""


class _Marks:
    """Footnote marks and what they say of sparsity."""

    def __init__(self, marks: tuple[tuple[str, str], ...]) -> None:
        self.meanings: dict[str, str] = {}
        for mark, words in marks:
            meaning = words if words in ("sparse", "dense", "") else sparsity_in(words)
            for spelling in _spellings(_plain(mark).strip()):
                self.meanings[spelling] = meaning
        spelled = "|".join(re.escape(spelling) for spelling in sorted(self.meanings, key=len, reverse=True))
        mark = rf"(?<![*†‡])(?P<mark>{spelled or '(?!)'})(?![0-9*])"
        self._anywhere = re.compile(mark)
        self._after = re.compile(rf"[ \u2009]?{mark}")

    def past(self, plain: str, place: int) -> int:
        """Where the mark that stands at a place ends; the place itself where there is none."""
        found = self._after.match(plain, place)
        return found.end() if found else place

    def between(self, plain: str, start: int, end: int) -> set[str]:
        """What the marks in a stretch of text mean; one that touches a number from the left is not among them."""
        meanings: set[str] = set()
        for found in self._anywhere.finditer(plain, start, end + 1):  # one more: what follows a mark counts
            if found.end() <= end:
                meanings.add(self.meanings[found["mark"]])
        return meanings

    def before(self, plain: str, place: int) -> str:
        """Meaning of the mark that touches a number from the left (`*624`)."""
        for spelling, meaning in self.meanings.items():
            begin = place - len(spelling)
            is_there = begin >= 0 and plain.startswith(spelling, begin)
            if is_there and (begin == 0 or plain[begin - 1] in " \u2009\n|/(;,"):
                return meaning
        return ""


@lru_cache(maxsize=64)
def _marks(marks: tuple[tuple[str, str], ...]) -> _Marks:
    return _Marks(marks)


def _spellings(mark: str) -> list[str]:
    """How a mark may stand in a cell; letters and digits only raised or in brackets."""
    mark = mark.translate(_SUPERSCRIPTS)
    if not mark.replace(" ", "").isalnum():
        return [mark] if mark else []
    raised = [mark.translate(_TO_SUPERSCRIPT)] if mark.isascii() and mark.isdigit() else []
    return [f"^{mark}", f"[{mark}]", f"({mark})", *raised]


def _tokens(plain: str, marks: _Marks | None) -> list[_Token]:
    """All numbers of a text in order, also those that are no figures (`is_refused`)."""
    found = []
    match, join = _NUMBER.search(plain), ""
    while match:
        token = _token(plain, match, marks)
        token.join = join
        found.append(token)
        match, join = _following(plain, token)
    return found


def _following(plain: str, token: _Token) -> tuple[re.Match[str] | None, str]:
    """The number after a token, and how the two are joined ("" where they are not)."""
    joined = _JOIN.match(plain, token.end)
    if joined and not (token.is_refused and joined.lastgroup == "times"):
        number = _JOINED_NUMBER.match(plain, joined.end())
        if number:
            if joined.lastgroup == "times" and not token.unit:
                token.unit, token.meaning = joined[0].strip(" \u2009"), _unit("count")
                token.end += len(joined[0].rstrip(" \u2009"))
            return number, joined.lastgroup or ""
    return _NUMBER.search(plain, token.end), ""


def _token(plain: str, match: re.Match[str], marks: _Marks | None) -> _Token:
    start, end, core = match.start(), match.end(), match["core"]
    raised = match["e"] or match["power"] or match["raised"]
    exponent = int(raised.translate(_SUPERSCRIPTS)) if raised else None
    token = _Token(start, end, core, exponent, match["sign"] is not None)
    if marks:
        token.marked = marks.before(plain, start)
    after = plain[end : end + 1]
    if after in _POWER_BEGINS and raised is None and (power := _POWER_HERE.match(plain, end)):
        past = marks.past(plain, end) if marks else end
        if core == "10":
            token.core, token.exponent = "1", int((power["power"] or power["raised"]).translate(_SUPERSCRIPTS))
            end = power.end()
        elif past > end:
            end = past
        else:
            token.is_refused, token.end = True, power.end()
            return token
    elif after == ":" and (ratio := _RATIO.match(plain, end)):
        token.is_refused, token.end = True, ratio.end()
        return token
    before = plain[max(0, start - 2) : start]
    if after in _NO_NUMBER_AFTER or before.rstrip(" \u2009").endswith("±") or (before.endswith("[") and after == "]"):
        token.is_refused = True
    _take_unit(token, plain, end, marks, match["currency"])
    if start:
        _read_before(token, plain, match)
    return token


def _read_before(token: _Token, plain: str, match: re.Match[str]) -> None:
    """Mind what stands before a number: `毎秒` makes its unit a rate; refuse `PCIe 4.0` and `RTX 580 150 W`.

    Whether the plain space in the last divides thousands or two numbers cannot be known.
    """
    before = plain[max(0, token.start - 24) : token.start]
    if before.rstrip(" \u2009").endswith(_PER_SECOND_BEFORE):
        token.meaning = _resolve(f"{token.unit}/s")
    if before[-1] not in " \u2009.":
        return
    is_name = token.meaning is None and _NAME_BEFORE.search(before)
    is_unclear = match["group"] == " " and token.core.count(" ") == 1 and _CAPITAL_BEFORE.search(before)
    if match["currency"] is None and (is_name or is_unclear):
        token.is_refused = True


def _take_unit(token: _Token, plain: str, end: int, marks: _Marks | None, currency: str | None) -> None:
    """Give a token the unit that stands by it, and end it behind the footnote mark on it."""
    if marks:
        end = marks.past(plain, end)
    if currency:
        token.end = _take_money(token, plain, end, currency)
    else:
        token.end = _take_word(token, plain, end)
    past = marks.past(plain, token.end) if marks else token.end
    if past == token.end and token.unit and (power := _RAISED.match(plain, past)):  # `mm^2`
        token.unit, token.meaning, past = token.unit + power[0], None, power.end()
    token.end = past


def _take_word(token: _Token, plain: str, end: int) -> int:
    """The unit word after a number, taken where it is one; returns where number and unit end."""
    match = _UNIT_HERE.match(plain, end)
    if match is None:
        return end
    start, stop, word = match.start("word"), match.end(), match["word"]
    if word[0] in "x×" and (times := _JOIN.match(plain, end)) and times.lastgroup == "times":
        return end
    is_glued = match["gap"][-1:] not in (" ", "\u2009")
    if _NAME_GOES_ON.match(plain, stop):
        token.is_refused = is_glued
        token.unit = word if "/" in word else ""
        return stop if is_glued else end
    stop, meaning = _unit_at(plain, start, stop)
    if meaning is None:
        if is_glued and word[0].isascii() and word[0] not in "$%":
            token.is_refused = True
            return stop
        if all(half in _NO_UNITS for half in word.lower().split("/")):
            return end
    if word == "To" and not is_glued and plain[stop : stop + 2].strip()[:1].isdigit():
        return end
    token.unit, token.meaning = plain[start:stop], meaning
    return stop


def _unit_at(plain: str, start: int, stop: int) -> tuple[int, _Unit | None]:
    """End and meaning of the unit that begins with the word at [start:stop): `tera FLOPS`, `gigabytes per second`."""
    word = plain[start:stop]
    if _PREFIX_WORD.fullmatch(word) and (rest := _AFTER_PREFIX.match(plain, stop)):
        stop = rest.end()
        word = plain[start:stop]
    if word.lower() in _SCALES and (following := _NEXT_WORD.match(plain, stop)):
        end, inner = _unit_at(plain, following.start("word"), following.end())
        if inner and inner.dimension not in ("count", "none"):
            return end, _unit(inner.dimension, inner.factor * _SCALES[word.lower()])
    meaning = _resolve(word)
    if meaning is None and word[-1] in "²³":  # a footnote's mark
        stop -= 1
        meaning = _resolve(plain[start:stop])
    if per := _PER.match(plain, stop):
        of = (per["of"] or "s").lower()
        if of in _SECONDS and (rate := _resolve(f"{plain[start:stop]}/s")):
            return per.end(), rate
        is_rate = of in _SECONDS or of in _MEASURES or per[0][0] == "/" or meaning == _resolve("$")
        if meaning and is_rate and (" /" not in per[0] or of in _MEASURES):
            return per.end(), _NONE
    return stop, meaning


def _take_money(token: _Token, plain: str, end: int, currency: str) -> int:
    """The scale and the `per hour` after an amount that a currency stands before; returns where they end."""
    factor, dimension, unit = 1, "currency", currency
    if scale := _MONEY_SCALE.match(plain, end):
        letter, word = scale["letter"], scale["word"]
        factor = _MONEY_LETTERS[letter.lower()] if letter else _SCALES[word.lower()]
        unit, end = currency + (letter or f" {word}"), scale.end()
    per = _PER.match(plain, end)
    if per and per["of"] and (" /" not in per[0] or per["of"].lower() in _MEASURES):
        factor, dimension, unit, end = 1, "none", f"{unit}/{per['of']}", per.end()
    token.unit, token.meaning = unit, _unit(dimension, factor)
    return end


@lru_cache(maxsize=2048)
def _shape(core: str, has_exponent: bool) -> tuple[list[str], str, str]:
    """Digits of a number between its points and commas, the last of these, and its form; groups by space put together.

    The form is "." or "," (that one must be the decimal mark), "" (there is none), "?" (the one mark may divide
    thousands or decimals) or "!" (no number of any language).
    """
    digits = re.sub(r"[ \u2009']", "", core)
    parts = re.split(r"[.,]", digits)
    seps = [character for character in digits if character in ".,"]
    if not seps:
        return parts, "", ""
    has_groups = len(digits) != len(core)
    first, last = parts[0], parts[-1]
    may_lead = 1 <= len(first) <= 3 and first[0] != "0" and not has_groups
    if len(seps) == 1:
        may_divide = may_lead and len(last) == 3 and not (has_exponent and len(first) == 1)
        return parts, seps[0], "?" if may_divide else seps[0]
    if not may_lead or any(len(group) != 3 for group in parts[1:-1]) or len(set(seps[:-1])) != 1:
        return parts, "", "!"
    if seps[-1] != seps[0]:
        return parts, seps[-1], seps[-1]
    return parts, seps[-1], "!" if len(last) != 3 else "," if seps[0] == "." else "."


def _evidence(token: _Token) -> str:
    """The decimal mark a number proves: "." or ",", "" where it proves none."""
    _, sep, form = _shape(token.core, token.exponent is not None)
    if form == "?" and token.meaning and token.meaning.dimension == "count" and token.unit.lower() in _PIECES:
        return "," if sep == "." else "."
    return form if form in (".", ",") else ""


def _mark_of(tokens: list[_Token]) -> str:
    """The decimal mark the numbers of one cell prove together, "" where they prove none or differ."""
    found = {_evidence(token) for token in tokens if not token.is_refused and not token.core.isdigit()}
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _number(token: _Token, mark: str) -> tuple[str, int] | None:
    """Plain digits (`-1.5`) and power of ten of a number, read with a decimal mark where its form leaves a choice.

    None where it is no number of any language or beyond a double.
    """
    digits = token.core
    if not digits.isdigit():
        parts, sep, form = _shape(token.core, token.exponent is not None)
        if form == "!":
            return None
        has_decimals = form != "" and sep == (mark if form == "?" else form)
        digits = "".join(parts[:-1]) + "." + parts[-1] if has_decimals else "".join(parts)
    exponent = token.exponent or 0
    if len(digits) > _MOST_DIGITS or math.isinf(float(f"{digits}e{exponent}")):
        return None
    return ("-" if token.is_negative else "") + digits, exponent


# --- Figures of joined numbers ---------------------------------------------------------------------------------------


class _Found(NamedTuple):
    start: int
    end: int
    value: float
    low: float | None
    base_value: float
    unit: str
    meaning: _Unit
    marked: str


def _runs(tokens: list[_Token]) -> list[list[_Token]]:
    """Tokens in runs that are read together: ranges and lists."""
    runs: list[list[_Token]] = []
    for token in tokens:
        if token.join in ("", "times"):
            runs.append([token])
        else:
            runs[-1].append(token)
    return runs


def _read_run(run: list[_Token], mark: str, header: str) -> list[_Found]:
    """The figures of a run: one, a range, or several that share the unit behind the last; none where that is unclear."""
    if any(token.is_refused for token in run):
        return []
    joins = {token.join for token in run[1:]}
    if not joins:
        return _read(run[0], mark, header)
    if joins == {"range"} and len(run) == 2:
        return _read_range(run[0], run[1], mark, header)
    if not joins <= {"slash", "either"} or _is_fraction(run, header):
        return []
    for token, following in zip(reversed(run[:-1]), reversed(run[1:]), strict=True):
        if not token.unit:
            token.unit, token.meaning = following.unit, following.meaning
    return [found for token in run for found in _read(token, mark, header)]


def _is_fraction(run: list[_Token], header: str) -> bool:
    """Whether numbers with a stroke between them may be a fraction or a date: `1/2`, `5/6/2024`."""
    if all(token.join == "either" for token in run[1:]):
        return False
    if len(run) == 2 and run[0].core == "1" and run[1].core.isdigit() and not run[0].unit:
        return True
    return not header and not any(token.meaning for token in run)


def _read(token: _Token, mark: str, header: str) -> list[_Found]:
    number = _number(token, mark)
    if number is None:
        return []
    unit, meaning = _unit_of(token, mark, header)
    value, base = _scaled(number, _NONE), _scaled(number, meaning)
    return [_Found(token.start, token.end, value, None, base, unit, meaning, token.marked)]


def _scaled(number: tuple[str, int], meaning: _Unit) -> float:
    """The double nearest to a number in the base of its unit; infinite where there is none."""
    digits, exponent = number
    if meaning.power is not None:
        return float(f"{digits}e{exponent + meaning.power}")
    try:
        return float(Fraction(digits) * Fraction(10) ** exponent * meaning.factor)
    except OverflowError:
        return math.inf


def _unit_of(token: _Token, mark: str, header: str) -> tuple[str, _Unit]:
    """The unit a token has, its own before the header's, and what it means."""
    if not token.unit:
        return (header, _resolve(_plain(header)) or _NONE) if header else ("", _NONE)
    if mark == "," and token.unit.lower().startswith(_LONG_SCALE):
        return token.unit, _NONE
    return token.unit, token.meaning or _NONE


def _read_range(first: _Token, last: _Token, mark: str, header: str) -> list[_Found]:
    """A range as one figure; two figures where both sides have units of different kinds; none where it runs downwards."""
    if first.meaning and first.meaning.dimension == "currency" and not last.unit:
        last.unit, last.meaning = first.unit, first.meaning
    ends = _read(first, mark, header) + _read(last, mark, header)
    if len(ends) != 2 or (first.unit and not last.unit):
        return []
    low, high = ends
    from_value = low.value
    if first.unit and first.unit != last.unit:
        if low.meaning.dimension != high.meaning.dimension or high.meaning.dimension in ("none", "currency"):
            return ends
        from_value = low.base_value / float(high.meaning.factor)
    if from_value > high.value:
        return []
    return [high._replace(start=low.start, low=from_value, marked=low.marked or high.marked)]


# --- Words around figures --------------------------------------------------------------------------------------------

_SEPARATOR = re.compile(r"[\n;|,—+&]|(?:(?<=[\s)*])|^)/|(?<= )-(?= )")
_NO_FORMATS: tuple[str, ...] = ()
_EDGES = " \u2009\n;|,/—+&"
_FORMATS = re.compile(
    r"(?i)(?<![a-z0-9])(?:(?P<tf32>tensor[- ]?float[- ]?32|tf[- ]?32)|(?P<bf16>b(?:rain[- ]?)?f(?:loat|p)?[- ]?16)"
    r"|(?P<fp>(?:nv|mx)?(?:fp|float)[- ]?(?P<fp_bits>64|32|16|8|6|4))|(?P<int>int[- ]?(?P<int_bits>64|32|16|8|4|2|1))"
    r"|(?P<fp8>e4m3|e5m2))(?![0-9])"
    r"|(?P<fp64>double[- ]?precision|doppelte genauigkeit|double précision|doble precisión|倍精度|双精度)"
    r"|(?P<fp32>single[- ]?precision|einfache genauigkeit|simple précision|precisión simple|単精度|单精度)"
    r"|(?P<fp16>half[- ]?precision|halbe genauigkeit|demi-précision|media precisión|半精度)"
)
_SPARSE_WORD = (
    r"(?:(?<![a-z])(?:sparsity|sparse(?![- ]?core)|sparsität|sparsité|sparsità|parcimonie|esparsidade?|dispersidad"
    r"|dispersión|escasez)(?![a-z])|スパース性?|稀疏性?|희소성?)"
)
_BETWEEN = r"(?:(?:structured|2:4|4:2|fine-grained|any|the|use|of|using|hardware|weight|strukturierte)[- ]+){0,4}"
_BOTH = re.compile(r"(?i)(?<![a-z])(?:with|w/|mit)\s*(?:/|\(?or|\(?and|und|oder|,|\|)\s*(?:without|w/o|ohne)")
_DENSE = re.compile(
    rf"(?i)(?<![a-z])(?:without|w/o|no|ohne|sans|sin|senza|sem|excluding|excl\.)[- ]+{_BETWEEN}{_SPARSE_WORD}"
    rf"|(?<![a-z])non[- ]?{_SPARSE_WORD}|(?<![a-z])nonsparse(?![a-z])|[无非]{_SPARSE_WORD}"
    rf"|{_SPARSE_WORD}[ \u2009:-]*(?:off|disabled|なし|無し|無効|없음)"
    r"|(?<![a-z-])dense(?![a-z])|稠密"
)
_SPARSE = re.compile(rf"(?i){_SPARSE_WORD}")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|。")
_MATRIX = re.compile(
    r"(?i)(?<![a-z])tensor(?![- ]?(?:float|flow|rt(?![a-z])|processing))|matri(?:x|z|ci|ce)|(?<![a-z])(?:mxus?|xmx|mfma)(?![a-z])"
    r"|systolic|テンソル|マトリ|行列|张量|矩阵|텐서|행렬"
)
_NOT_MATRIX = re.compile(
    r"(?i)(?<![a-z])(?:non|not|without|no|ohne|sans)[- ]+(?:using[- ])?(?:tensor|matrix)(?:[- ]?cores?)?"
    r"|tensor[- ]?cores?[- ]+gpus?"
)


def _with_words(text: str, plain: str, found: list[_Found], marks: _Marks | None) -> list[Figure]:
    """The figures with the words that speak of each: the cell is cut between them."""
    cuts = [0]
    for number, one in enumerate(found[1:], 1):
        after = found[number + 1].start if number + 1 < len(found) else len(plain)
        cuts.append(_cut(plain, cuts[-1], found[number - 1], one, after))
    cuts.append(len(plain))
    return [_figure(text, plain, one, cuts[number], cuts[number + 1], marks) for number, one in enumerate(found)]


def _figure(text: str, plain: str, found: _Found, start: int, end: int, marks: _Marks | None) -> Figure:
    while start < found.start and plain[start] in _EDGES:
        start += 1
    while end > found.end and plain[end - 1] in _EDGES + "-":
        end -= 1
    formats, said = _NO_FORMATS, {found.marked}
    if end - start > found.end - found.start:
        part = plain[start:end]
        formats = _precisions(part)
        said.add(_sparsity(part))
    if marks:
        said |= marks.between(plain, start, end)
    said.discard("")
    sparsity = said.pop() if len(said) == 1 else ""
    return Figure(
        found.value, found.unit, found.meaning.dimension, found.base_value, text[start:end], start, end, sparsity, formats,
        found.low, None if found.low is None else found.value, found.low is not None,
    )  # fmt: skip


def _cut(plain: str, begin: int, first: _Found, second: _Found, after: int) -> int:
    """Where the words between two figures are divided: at a bracket, the last separator, else by where the words stand.

    Without a separator they belong to the figure before them, unless the figures are led by their words
    (`dense 989 sparse 1979`).
    """
    gap = plain[first.end : second.start]
    opened: list[int] = []
    separator = closed = -1
    marks = {match.start() for match in _SEPARATOR.finditer(gap)}
    for place, character in enumerate(gap):
        if character in "([":
            opened.append(place)
        elif character in ")]":
            if opened:
                opened.pop()
            else:
                closed, separator = place + 1, -1
        elif place in marks and not opened:
            separator = place + 1
    if opened:
        return first.end + opened[0]
    if separator >= 0 or closed >= 0:
        return first.end + max(separator, closed)
    leads = _speaks(plain[begin : first.start]) and not _speaks(plain[second.end : after])
    return first.end if leads else second.start


def _speaks(plain: str) -> bool:
    return bool(plain) and bool(_precisions(plain) or _SPARSE.search(plain) or _DENSE.search(plain))


def _precisions(plain: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for match in _FORMATS.finditer(plain):
        kind = match.lastgroup or ""
        names[kind + match[f"{kind}_bits"] if kind in ("fp", "int") else kind] = None
    return tuple(names)


def _sparsity(plain: str) -> str:
    if not _SPARSE.search(plain) and not _DENSE.search(plain):
        return ""
    for sentence in _SENTENCE_END.split(plain):
        if _BOTH.search(sentence):
            return ""
        rest, dense = _DENSE.subn(" ", sentence)
        sparse = _SPARSE.search(rest)
        if dense or sparse:
            return "" if dense and sparse else "sparse" if sparse else "dense"
    return ""


# --- Headers ---------------------------------------------------------------------------------------------------------

_BRACKET = re.compile(rf"(?<![{_LETTER}])[(\[]([^()\[\]]{{1,80}})[)\]]")
_SHORT_HEADER_UNIT = re.compile(r"(?:,|(?<![A-Za-z])in)[ \u2009]+$")


def _units_between(text: str, plain: str, start: int, end: int, is_bracket: bool) -> list[str]:
    """Unit words of a stretch of a header; in running words short ones count only after a comma or "in"."""
    units = []
    match = _WORD_HERE.search(plain, start, end)
    while match:
        stop, meaning = _unit_at(plain, match.start(), match.end())
        word = plain[match.start() : stop]
        follows = plain[stop : stop + 1]
        before = plain[match.start() - 1 : match.start()] if match.start() else ""
        is_whole = not (follows.isalnum() or follows in ("_", "-") or before.isalnum() or before in ("_", "-"))
        is_alone = (start, stop) == (match.start(), end)
        if meaning and is_whole and _counts(plain, word, meaning, match.start(), is_alone, is_bracket):
            units.append(text[match.start() : stop])
        match = _WORD_HERE.search(plain, max(stop, match.end()), end)
    return units


def _counts(plain: str, word: str, meaning: _Unit, start: int, is_alone: bool, is_bracket: bool) -> bool:
    """Whether a unit word of a header is its unit: `cores` is not, and `Go` only in brackets."""
    if meaning.dimension == "count":
        return is_bracket and word.lower() in _SCALES
    if meaning.dimension == "none":
        return is_bracket and (is_alone or "/" in word)
    if is_bracket or (len(word) > 1 and word not in ("Go", "To", "Mo", "Ko")):
        return True
    return _SHORT_HEADER_UNIT.search(plain[max(0, start - 8) : start]) is not None
