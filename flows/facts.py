"""Facts from words: figures a note, an abstract or a paper states of its own training run, each with its sentence.

Precision before recall: a sentence that guesses, compares, speaks of other models, of fine-tuning, evaluation or serving,
or gives a range, a bound or a sum, gives nothing. Amounts of operations are cut out before anything is read, with the
clause they stand in, so no fact follows from one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LONGEST_SENTENCE = 1200
NOTES = ("parameters_notes", "dataset_size_notes", "training_time_notes", "utilisation_notes", "batch_size_notes")
COLUMNS = (*NOTES, "abstract")
PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure a sentence states of the run it is about.

    `value` is in `unit`, the unit of the quantity; of a batch the unit is what the text counts: tokens, examples, or
    datapoints where it does not say. `words` are those of the hardware, where the figure is of chips that are named.
    `sentence` is as it stands, in one line; the words of the figure are `text[start:end]`.
    """

    quantity: str
    value: float
    unit: str
    words: str | None
    sentence: str
    start: int
    end: int


def facts_in(text: str, column: str, run_name: str = "") -> list[Fact]:
    """What a note or abstract states of its run, by place; of a quantity with several values in the text, nothing.

    `column` is one of `COLUMNS`, or "paper" for running text: where a text stands tells what a bare figure means.
    Where `run_name` tells the size of the model (`…-7B`), sentences on models of other sizes give nothing.
    Raises ValueError for any other, among them notes on compute, which are never read.
    """
    return settled(stated(text, column, run_name))


def settled(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without those quantities that have several values; each quantity and unit once."""
    found: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        found.setdefault((fact.quantity, fact.unit), []).append(fact)
    kept = [same[0] for same in found.values() if len({fact.value for fact in same}) == 1]
    return sorted(kept, key=lambda fact: (fact.start, fact.quantity))


def stated(text: str, column: str, run_name: str = "") -> list[Fact]:
    """Every fact of a text, by place, contradictions included; raises ValueError as `facts_in` does."""
    if column not in COLUMNS and column != PAPER:
        raise ValueError(f"{column!r} is no text facts are read from; it is one of {', '.join(COLUMNS)} or {PAPER}")
    found: dict[int, Fact] = {}  # one figure states one quantity
    for sentence in _sentences(text, column):
        for fact in _of_sentence(text, sentence, column):
            before = sentence.plain[: fact.start - sentence.start]
            if not run_name or (_is_of_size(sentence.plain, run_name) and _is_of_name(before, run_name)):
                found.setdefault(fact.start, fact)
    facts = sorted(found.values(), key=lambda fact: (fact.start, fact.quantity))
    if any(fact.quantity == "dataset_examples" for fact in facts) and len(set(_COUNTED.findall(text))) > 1:
        return [fact for fact in facts if fact.quantity != "dataset_examples"]
    return facts


class PaperFact(NamedTuple):
    """A fact of a paper's text and where it stands: the heading it is under, if any, and the line, from 1."""

    where: str
    line: int
    fact: Fact


def paper_facts(text: str) -> list[PaperFact]:
    """Every fact of a paper's plain text, by place, each with its heading and line.

    A paper speaks of several models, so facts may contradict each other. What stands under a heading on fine-tuning,
    evaluation, comparison or the like, and the list of references, is not read.
    """
    readable = _without_references(text)
    lines = [match.start() for match in _LINE.finditer(text)]
    headings = [(match.start(), " ".join(match[0].split())) for match in _HEADING.finditer(readable)]
    starts = [start for start, _ in headings]
    found = []
    for fact in stated(readable, PAPER):
        line = bisect_right(lines, fact.start)
        above = bisect_right(starts, fact.start)
        heading = headings[above - 1][1] if above else ""
        if not _OF_OTHERS.search(heading):
            found.append(PaperFact(f"{heading}, line {line}" if heading else f"line {line}", line, fact))
    return found


_LINE = re.compile(r"^", re.MULTILINE)
# A number with a part, and a title; a whole number only before a title of the usual ones, for cells of tables look alike.
_HEADING = re.compile(
    r"^(?:(?:1[0-9]|[1-9]|[A-H])(?:\.(?:1[0-9]|[1-9])){1,3}\.?(?:[ ]{1,4}|\n{1,2})(?=[A-Z][A-Za-z-]{3})[^\n.,;:=]{3,70}"
    r"|(?:1[0-9]|[1-9])\.?(?:[ ]{1,4}|\n{1,2})(?=[A-Z])[^\n.,;:=]{0,40}(?:[Ii]ntroduction|INTRODUCTION|[Cc]onclusion|CONCLUSION"
    r"|[Mm]ethod|[Tt]raining|TRAINING|[Ee]xperiment|EXPERIMENT|[Rr]esults|RESULTS|[Bb]ackground|[Dd]iscussion|[Aa]rchitecture"
    r"|[Ee]valuation|EVALUATION|[Rr]elated)[^\n.,;:=]{0,30})[ ]*$",
    re.MULTILINE,
)
_OF_OTHERS = re.compile(
    r"fine-?\s?tun|post-?train|alignment|instruct|evaluat|inference|ablat|compar|benchmark"
    r"|extension|related|downstream|reproduc|limitation|discussion|future|reinforcement",
    re.IGNORECASE,
)
_REFERENCES = re.compile(r"^(?:References|REFERENCES|Bibliography)[ ]*$", re.MULTILINE)
_APPENDIX = re.compile(
    r"^(?:Appendix|Appendices|APPENDIX|Supplementary|A(?:\.1)?\.?[ ]{0,3}\n?[A-Z][a-z]+)", re.MULTILINE
)


def _without_references(text: str) -> str:
    """The text with its list of references blanked out, up to the appendix; places stay places."""
    begin = _REFERENCES.search(text)
    if begin is None:
        return text
    end = _APPENDIX.search(text, begin.end())
    stop = end.start() if end else len(text)
    return text[: begin.start()] + re.sub(r"[^\n]", " ", text[begin.start() : stop]) + text[stop:]


# --- Sentences -------------------------------------------------------------------------------------------------------
# One character becomes one character, so that places stay places.

_SAME = {
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\t\r\x0b\x0c"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "“”„«»"), '"'),
    **dict.fromkeys(map(ord, "‘’`"), "'"),
    **dict.fromkeys(map(ord, "∼～≃"), "~"),
    ord("|"): "/",
    ord("\x01"): " ",
}
_CUT, _COMPUTE_CUT = "|", "\x01"
_LINK = re.compile(r"(?:https?://|www\.)[^\s|]{1,2000}")
_CITATION = re.compile(r"\[[0-9, ]{1,20}\]")
_SHORT = re.compile(
    r"\b(?:approx|e\.g|i\.e|al|vs|[Ff]igs?|[Ss]ecs?|[Tt]ab|[Ee]qs?|[Aa]pp|[Nn]o|cf"
    r"|ca|resp|incl|pp?)\."
)
_BREAK = re.compile(r'"|\n[ \n]*\n|\n(?P<new>[ ]*(?:[A-Z0-9"#\[(*•~-]))?')
# What an author makes of tokens at so many words each is no statement of the source.
_DAYS_IN_HOURS = re.compile(r"(?<=days)\s?[*x×]\s?24(?:\s?(?:hours?|hrs?|h)\b)?(?:\s?(?:/|per)\s?day\b)?")
_CONVERSION = re.compile(
    r"(?:[,(]|\s)\s?(?:or|so|equivalent\sto|equals?|assuming|at|using|which\sis|~?=|≈)\s"
    r"(?:[^|;.]|\.(?=[0-9])){0,45}?\bwords?\b(?:[^|;.]|\.(?!\s)){0,200}"
)
_END = re.compile(r"[.!?][\"')\]]*(?=\s|$)|;|\||\x01")
_WORD_NUMBERS = {
    "a": 1.0, "an": 1.0, "single": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "sixteen": 16.0, "twenty": 20.0, "thirty": 30.0,
}  # fmt: skip
_SPELLED = "|".join(word for word in _WORD_NUMBERS if len(word) > 2)
# An amount of operations or a rate of them, and any figure as large as only those are.
_AMOUNT = r"(?<![0-9.,])[0-9][0-9.,]{0,20}"
_TIMES_TEN = r"\s?(?:[x×·*]\s?10\s?\^?\s?|e\+?)"
_COMPUTE = re.compile(
    rf"{_AMOUNT}(?:{_TIMES_TEN}[0-9]{{1,2}})?[- ]?(?:[a-z]{{4,9}}on\s)?"
    r"(?:(?:(?:exa|peta|tera|giga|zetta|yotta|[EPTGZY])[- ]?)?(?:flops?|FLOPS?|FLOPs|Flops?|op/s|OPs)\b|PF\b|pfs?-|PFs?-"
    r"|floating[- ]point\sop|(?:exa|peta|zetta|yotta|tera)[- ]?(?:FLOPs?|flops?)\S{0,8})[^\s,;.|]{0,12}"
    rf"|{_AMOUNT}{_TIMES_TEN}(?:1[89]|[23][0-9])(?![0-9])"
    rf"|(?i:compute)\s?(?:=|is|was|of|:)\s?{_AMOUNT}(?:e\+?[0-9]{{1,2}})?"
)
_BEFORE_COMPUTE = 160
_FIGURE = re.compile(rf"[0-9][\w.,%]{{0,20}}|[.;|!?]\s|[.;|\x01]|\b(?:{_SPELLED})\b")
_TOTALS = r"(?:[Tt]otal|[Oo]verall|[Ff]inal|[Ee]stimated)"
_CLAUSE = re.compile(
    rf"\b(?P<word>{_TOTALS}(?:\s(?:[Tt]raining|[Cc]ompute|[Ff]inal|[Pp]re-?[Tt]raining))*|[A-Z][a-z]+)\b"
)
_HANGS_ON = re.compile(
    r"[\s)]*(?:[-+*/x×=≈,(^:]|(?:from|over|with|on|using|given|assuming|at|by|per"
    r"|and|for|in|if|to|then|or|so|which|that)\b)"
)


class _Sentence(NamedTuple):
    """A sentence as it is read (`plain`, one character for one of the text) and where it begins in the text."""

    plain: str
    start: int


def _sentences(text: str, column: str) -> Iterator[_Sentence]:
    plain = _lines_joined(text.translate(_SAME), keeps_lines=column in NOTES)
    plain = _LINK.sub(lambda link: _CUT * len(link[0]), plain)
    plain = _CITATION.sub(lambda mark: " " * len(mark[0]), plain)
    plain = _SHORT.sub(lambda word: word[0][:-1].replace(".", " ") + " ", plain)
    if column == "training_time_notes":
        plain = _DAYS_IN_HOURS.sub(lambda words: " " * len(words[0]), plain)
    if column == "dataset_size_notes" and "word" in plain:
        plain = _CONVERSION.sub(lambda words: _COMPUTE_CUT * len(words[0]), plain)
    plain = _without_compute(plain)
    begin = 0
    for end in _END.finditer(plain):
        if not end[0].startswith("?"):
            yield from _sentence(plain, begin, end.start())
        begin = end.end()
    yield from _sentence(plain, begin, len(plain))


def _sentence(plain: str, begin: int, end: int) -> Iterator[_Sentence]:
    """The sentence if it is one: not too long, and not the rest of one that states compute."""
    if end - begin < 3 or end - begin > LONGEST_SENTENCE:
        return
    words = plain[begin:end]
    if begin and plain[begin - 1] == _COMPUTE_CUT and _HANGS_ON.match(words):
        return
    yield _Sentence(words, begin)


def _lines_joined(plain: str, keeps_lines: bool) -> str:
    """Lines of a quotation or a paragraph run on; outside of quotations a note's line that begins anew is a sentence."""
    is_open = False
    parts, at = [], 0
    for match in _BREAK.finditer(plain):
        if match[0] == '"':
            is_open = not is_open
            continue
        is_blank = match[0].count("\n") > 1
        cuts = is_blank or (keeps_lines and not is_open and match["new"] is not None)
        parts += [plain[at : match.start()], _CUT if cuts else " ", match[0][1:].replace("\n", " ")]
        at = match.end()
        if is_blank:
            is_open = False
        elif match[0].endswith('"'):
            is_open = not is_open
    return "".join([*parts, plain[at:]])


def _without_compute(plain: str) -> str:
    """The text with every amount of operations cut out, from where its clause begins."""
    parts, at = [], 0
    for match in _COMPUTE.finditer(plain):
        if match.start() < at:
            continue
        floor = max(at, match.start() - _BEFORE_COMPUTE)
        begin = floor + _clause(plain[floor : match.start()])
        parts += [plain[at:begin], _COMPUTE_CUT * (match.end() - begin)]
        at = match.end()
    return "".join([*parts, plain[at:]])


def _clause(before: str) -> int:
    """Where in the words before an amount its own clause begins: at the last words a clause may begin with."""
    begin = max((figure.end() for figure in _FIGURE.finditer(before)), default=0)
    starts = [match.start("word") for match in _CLAUSE.finditer(before, begin)]
    return starts[-1] if starts else len(before)


# --- Figures ---------------------------------------------------------------------------------------------------------

_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mil": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_DIGITS = (
    r"(?<![\w.,^$€£#'/-])(?<![0-9] )(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
    r"|[0-9]{1,15}(?:\.[0-9]{1,9})?)(?:e\+?(?P<e>[0-9]{1,2})|\s?[x×·*]\s?10\s?\^?\s?(?P<power>[0-9]{1,2}))?"
)
_SCALE = (
    r"(?:[- ]?(?P<scale>thousand|million|billion|trillion|bn|mn|mil|tn|[KkMmBbTt])(?:illions)?(?![A-Za-z0-9])"
    r")?"
)
_SAID_AGAIN = r"(?:\s?\((?P<again>[0-9][0-9.,]{0,14})\s?(?P<again_scale>[KkMBT]?)\))?"
NUMBER = _DIGITS + _SCALE + _SAID_AGAIN
WORD_OR_NUMBER = rf"(?:{NUMBER}|\b(?P<spelled>{_SPELLED}|an?)\b)"
# What may stand before a figure: nearly the figure itself, or only a bound or an end of a range.
NEARLY = (
    r"(?:~\s?|≈\s?|(?:about|around|approximately|approx|roughly|nearly|almost|circa"
    r"|some|only|just|merely|exactly|a total of)\s){0,3}"
)
_BOUND = re.compile(
    r"(?:[<>≤≥]=?|less than|fewer than|more than|greater than|larger than|up to|at least"
    r"|at most|under|below|above|beyond|over|within|in excess of|exceeding|between"
    r"|maximum of|minimum of|max|min|additional|extra|another|further|every|first|last"
    r"|next|remaining|final|other|top|additionally|initial|initially|until|after|by"
    r"|per)\s?$",
    re.IGNORECASE,
)
_SOFT_BOUND = re.compile(r"(?:over|more than|in excess of|exceeding)\s?$", re.IGNORECASE)
_RANGE_BEFORE = re.compile(
    r"(?:[0-9]|[0-9]\s?[kKMBT]|illion|thousand|%|hours?|days?|weeks?|tokens|GPUs?|TPUs?"
    r"|[AVHP]100s?|epochs?|steps)\s?(?:-|to|or|/|->|→|x|×|\+|\*|\bfrom\b)\s?(?:about "
    r"|~\s?|around |approximately )?$|[0-9][kKMBT]?\s?(?:,|and|,\s?and|~)\s?$|\b(?:Table"
    r"|Tab|Figure|Fig|Section|Sec|Appendix|Eq|Equation|Page|page|v|version|[Nn][Vv][Ii][Dd][Ii][Aa]"
    r"|Ascend|Tesla|RTX|GTX|Quadro|GeForce|Radeon|Titan|TITAN|Xeon|Instinct)\s?$"
)
_RANGE_AFTER = re.compile(
    r"\s?(?:and\s)?[0-9]+\s?(?:h|hours?|min|mins|minutes)\b|\s?(?:-|to|or|/|->|→|\+"
    r"|\*|x|×|\^)\s?~?\s?[0-9]|\s?\+|\s?\^|\s?(?:or\s(?:more|less|so)|(?:-|to|or)\s(?:\w+\s)?(?:two"
    r"|three|four|five|six))\b"
)
# After the whole of it: "12 hours and 40 min", "8 cards to 16", "64 cards or 32 TPUs".
_MORE_AFTER = re.compile(
    r"\s?(?:and\s)?[0-9]+\s?(?:h|hours?|min|mins|minutes)\b|\s?(?:-|to|/|->|→|\*|x"
    r"|×)\s?~?\s?[0-9]|\s?[+^]|\s?or\s(?:[0-9]+\s?x?\s?[A-Z]|(?:more|less|so)\b)|\s?(?:-"
    r"|to)\s(?:\w+\s)?(?:two|three|four|five|six)\b"
)
_AND_AFTER = re.compile(r"\s?(?:,|and)\s[0-9]")
_SPELLED_BEFORE = re.compile(rf"(?:{_SPELLED})\s(?:to|or|and)\s$", re.IGNORECASE)


def _value(match: re.Match[str]) -> float | None:
    """The number as written; None where it is none that can be relied on."""
    groups = match.groupdict()
    if word := groups.get("spelled"):
        return _WORD_NUMBERS[word.lower()]
    if groups["number"].endswith(".000"):
        return None  # thousands or decimals, by the country
    value = float(groups["number"].replace(",", ""))
    if power := groups.get("e") or groups.get("power"):
        value *= 10.0 ** int(power)
    value *= _SCALES.get((groups.get("scale") or "").lower(), 1.0)
    if again := groups.get("again"):
        other = float(again.rstrip(".,").replace(",", "")) * _SCALES.get(groups["again_scale"].lower(), 1.0)
        return value if abs(other - value) <= 0.05 * value else None
    return value


def _is_exact(plain: str, match: re.Match[str], softly: bool) -> bool:
    """Whether a figure stands for itself: no bound, range, sum or number of a table."""
    begin = match.start("spelled") if match.groupdict().get("spelled") else match.start("number")
    before = re.sub(NEARLY + "$", "", plain[max(0, begin - 50) : begin])
    for words in {before, plain[max(0, begin - 50) : begin]}:
        if _RANGE_BEFORE.search(words) or _SPELLED_BEFORE.search(words):
            return False
        if _BOUND.search(words) and not (softly and _SOFT_BOUND.search(words)):
            return False
    stop = match.end("spelled") if match.groupdict().get("spelled") else match.end("number")
    stop = max([stop, *(match.end(name) for name in ("e", "power", "scale") if match.groupdict().get(name))])
    return not (
        _RANGE_AFTER.match(plain, stop) or _MORE_AFTER.match(plain, match.end()) or _AND_AFTER.match(plain, stop)
    )


_SIZE_IN_NAME = re.compile(r"(?<![\w.])([0-9]{1,5}(?:\.[0-9]{1,4})?)[Bb]\b")
_SIZE_OF_MODEL = re.compile(
    r"(?<![\w.-])([0-9]{1,5}(?:\.[0-9]{1,4})?)(?:\s?B|[- ]billion)[- ](?:param(?:eter)?s?[- ])?(?:\w+\s)?"
    r"(?:models?|variant|version|LLM)\b"
)


def _is_of_size(plain: str, run_name: str) -> bool:
    """Whether a sentence that names models by size names the run's, where its name tells it."""
    sizes = {float(size) for size in _SIZE_IN_NAME.findall(run_name)}
    named = [float(size) for size in _SIZE_OF_MODEL.findall(plain)] if sizes else []
    return not named or any(abs(other - size) <= 0.06 * size for other in named for size in sizes)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name that is the subject of its sentence: "NAME was trained", "NAME took", "training NAME used".
_SUBJECT = re.compile(
    r"(?<![\w-])(?P<name>[A-Z][\w.+-]{1,30}(?:\s[A-Z0-9][\w.+-]{0,20}){0,3})(?:'s)?(?:,?\s(?:which"
    r"|that|model|itself|also|only|then))?\s(?:was|is|were|has\sbeen|have\sbeen|took"
    r"|takes|required|requires|used|uses)\b"
)
_NO_NAMES = _words(
    "the we our it this these they training model models all each table figure section appendix pre-training"
    " pretraining for in from on at with by after to total a an one batch abstract paper their its there both"
    " according while dataset data gpu gpus tpu tpus hardware nvidia google specifically finally moreover here"
    " then as of following english january february march april may june july august september october november"
    " december additionally overall note notes final largest"
)
_NAME_WORD = re.compile(r"[A-Za-z]{3,}")
_INTRODUCED = re.compile(
    r"\b(?:introduce|present|propose|releas(?:e|ing)|[Tt]rain(?:ed|ing)?)\s(?P<name>[\w.+-]{3,30}(?:\s[A-Z0-9][\w.+-]{0,20}){0,2})"
    r"(?=,|\s)"
)
_VERSION = re.compile(r"[A-Za-z]{3,}[- ]?[Vv]?([0-9]{1,2}(?:\.[0-9]{1,2})?)(?![0-9.]*\s?[BMKbmk]\b)(?![0-9])")


def _is_of_name(before: str, run_name: str) -> bool:
    """Whether no other name than the run's is what the words before a figure are about."""
    own = "".join(re.findall(r"[a-z]", run_name.lower()))
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", run_name)).lower()
    for introduced in _INTRODUCED.finditer(before):
        theirs, ours = _VERSION.search(introduced["name"]), _VERSION.search(run_name)
        if theirs and ours and float(theirs[1]) != float(ours[1]):
            return False
    for subject in _SUBJECT.finditer(before):
        words = [word.lower() for word in _NAME_WORD.findall(subject["name"])]
        words = [word for word in words if word not in _NO_NAMES]
        if words and not any(word[:5] in own or word == initials for word in words):
            return False
    return True


# --- What no fact follows from ---------------------------------------------------------------------------------------

# Anywhere in the sentence: somebody guesses, or nothing of the sort was done.
_GUESS = re.compile(
    r"\b(?:assum\w+|presum\w+|probabl\w+|perhaps|possibl[ey]|possibility|likely|unlikely"
    r"|might|maybe|(?-i:may)|each\sof|could|would|should|guess\w*|speculat\w+|estimat\w+"
    r"|suppos\w+|seem\w*|suggest\w*|unclear|unsure|uncertain\w*|not\s(?:sure|clear"
    r"|certain|stated|known|specif\w+|report\w*|disclos\w+|mention\w*|say|given)|don't\s\w+"
    r"|doesn't\s\w+|didn't\s\w+|if|rumou?r\w*|leak\w*|believe\w*|think|impl(?:y|ies"
    r"|ied)|inferred|imput\w+|expect\w*|plausibl\w+|appear\w*|hypothe\w+|can|cannot"
    r"|TODO|todo|unknown|whether|interpret\w*|extrapolat\w*|interpolat\w*|typical(?:ly)?"
    r"|average|avg|median|the\sequivalent|hypothetical|instead|without|convert\w*|(?:words?|tokens?|bytes)\sper\s(?:word"
    r"|token|byte)|ratio|(?-i:I|I'll|I've)|calculat\w+|comput(?:ed|ing)|backed?\sout|deriv\w+"
    r"|upper|lower|conservative\w*|similar\w*|same|copied|ambiguous\w*|conflict\w*"
    r"|wrong|typo|plan(?:s|ned|ning)?|will|budget|projected|contamina\w+|attempt\w*"
    r"|divid\w+|for\s(?:example|instance)|being\strained|respectively|sufficient|enough|too\s(?:slow"
    r"|large|small|expensive))\b|\?",
    re.IGNORECASE,
)
# Before the figure: the sentence is about something else by then.
_OTHERS_BEFORE = re.compile(
    r"\b(?:compar\w+|(?<!more\s)(?<!rather\s)than|versus|vs|outperform\w*|surpass\w*"
    r"|whereas|while|unlike|prior|previous\w*|baselines?|against|rival\w*|relative"
    r"|reduc\w+|sav(?:e|es|ed|ing)|speed-?ups?|speedup|faster|fewer|contrast|equal\w*"
    r"|match\w*|exceed\w*|better|originally|existing|recent|before|prohibitive|e\sg"
    r"|initial\w*|preliminary|earlier|early|based\son|underlying|backbone|initiali[sz]ed"
    r"|other|others|another|variants|from\sthe\s(?-i:[A-Z])\S{2,30}\s(?:[0-9.]+\s)?paper)\b",
    re.IGNORECASE,
)
# In the clause of the figure or before it: a later stage, a use, or a test of the model.
_TUNING = re.compile(
    r"\b(?:fine-?\s?tun\w*|post-?train\w*|instruct\w*|SFT|RLHF|RL|DPO|PPO|LoRA|QLoRA"
    r"|PEFT|downstream|adapt\w*|adaptation|align\w*|continu\w+|distill\w*|warm-?\s?up"
    r"|warmed|stages?|phases?|inference|evaluat\w*|eval|test\w*|validation|val|dev"
    r"|benchmark\w*|sampl(?:e|ed|ing)\s(?:from|at)|decod(?:e|ing)|latency|throughput"
    r"|deploy\w*|serv(?:e|ing)|per\ssecond|ablat\w*|search(?:ed|es|ing)?|generated\s(?:by"
    r"|with|using)|generating|pre-?comput\w*|experiments?|annealing|cool-?down|decay\w*"
    r"|long-context|extension|extended|extending|reward|preference|critic|teachers?"
    r"|students?|encoder\sonly|upcycl\w*|anneal\w*|checkpoints?|hyper-?parameters?"
    r"|sweeps?|preprocess\w*|super-?resolution|upsampl\w*|filter(?:ing)?|ensembl\w*"
    r"|zero-shot|few-shot|one-shot|labell?(?:ing|ers?)|simulat\w+|self-play|rollouts?)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,:()]|\b(?:and\sthen|then|followed|before|after|which|where|whose|but|although|though)\b")
_OPERATOR = re.compile(
    r"[0-9)\]]\s?[*×/+÷]\s?[0-9(]|[0-9]\s?x\s?[0-9]+(?![0-9bB])|[a-zA-Z)]\s?[*÷]\s?[(0-9a-z]"
    r"|\bdivided\sby\b|\btimes\s[0-9]|\bmultipl(?:y|ied|ying)\b|[a-z%]\s?/\s?[(0-9]"
    r"|[a-zB]\s?[×+]\s?[0-9]|\)\s?[/*x×+-]\s?[0-9(]|[a-z]\s[x/]\s[0-9a-z(]|\bsum(?:ming"
    r"|med)?\b|\badding\b|\bx\s(?:avg|average)\b"
)
_POWER_OF_TEN = re.compile(r"[0-9]\s?[x×·*]\s?10\s?\^?\s?[0-9]|[0-9]\s?[x×]\s?(?=[A-Z])")
_EQUALS = re.compile(r"~?=+>?|≈|->|→|\bso\b|\bhence\b|\btherefore\b|\bthus\b|\bor\sabout\b|\bi e\b|--")


def _is_of_the_run(sentence: str, start: int, end: int) -> bool:
    """Whether what stands around a figure lets it be a fact of this run."""
    if _OTHERS_BEFORE.search(sentence, 0, start):
        return False
    stop = _CLAUSE_END.search(sentence, end)
    if _TUNING.search(sentence, 0, stop.start() if stop else len(sentence)):
        return False
    if re.match(r"\s?(?:more|fewer|less|longer|times)\b|\s?x\b", sentence[end : end + 12]):
        return False
    equals = _EQUALS.search(sentence)
    return not (equals and equals.start() < start)


def _is_no_guess(sentence: str) -> bool:
    return not _GUESS.search(sentence) and not _OPERATOR.search(_POWER_OF_TEN.sub("0 ", sentence))


# --- Shapes of facts -------------------------------------------------------------------------------------------------

_TRAIN = r"(?:pre-?\s?)?(?:re)?[Tt]rain(?:ed|ing|s)?"
_MODS = (
    r"(?:(?:total|training|pre-?training|text|textual|unique|high-quality|quality|English"
    r"|Chinese|Japanese|Korean|Russian|Arabic|Finnish|German|French|Swedish|multilingual"
    r"|bilingual|diverse|code|natural|language|data|distinct|raw|BPE|subword|unlabell?ed"
    r"|web|and|of|worth|curated|carefully|selected|filtered|deduplicated|publicly|available"
    r"|public|open|cleaned|input|source|multimodal|interleaved|mixed|well-refined|large-scale"
    r"|[a-z]+-(?:language|domain|quality|scale|token)),?[- ]){0,5}"
)
_TOKENS = rf"[- ]?{_MODS}[Tt]okens?\b"
_WORDS = r"[- ]?(?:(?:total|running|training|English|German|text|unique)\s){0,2}words\b"
_EXAMPLE = (
    r"(?:image[-/ ]?(?:text|caption)|text[-/ ]?image|video[-/ ]?text|text[-/ ]?video"
    r"|audio[-/ ]?text|sentence|question[- ]answer|image|alt[- ]text)"
)
_KINDS = (
    r"(?:images?|frames|video\sclips|videos?|clips|pairs|examples|samples|sequences"
    r"|sentences|utterances|documents|proteins?(?:\ssequences)?|molecules|structures"
    r"|games|positions|episodes|trajectories|ratings|patches|photos|pictures|datapoints"
    r"|data\spoints|instances|records|patterns|conversations|dialogues|captions|genomes"
    r"|cells)"
)
_EXAMPLES = (
    r"[- ]?(?:(?:total|training|labell?ed|unlabell?ed|unique|high-quality|high-resolution"
    r"|annotated|natural|filtered|noisy|web|weakly|real|RGB|color|colour|Chinese|English"
    rf"|multilingual|public|licensed|publicly|available|curated|{_EXAMPLE})[- ]){{0,4}}{_KINDS}\b"
)
_SET = (
    r"(?:corpus|corpora|[Dd]ata\s?sets?|[Tt]raining\s(?:set|data|corpus)|[Pp]re-?training\s(?:set"
    r"|data|corpus)|[Tt]rain\sset|database|collection|data)"
)
_HOLDS = (
    r"(?:of|contain(?:s|ing|ed)?|consist(?:s|ed|ing)\sof|compris(?:es|ing|ed)(?:\sof)?"
    r"|total(?:s|ing|l?ing)|amount(?:s|ing)?\sto|has|had|with|includ(?:es|ing)|is|was"
    r"|size\sof|reach(?:es|ing)(?:\sa\sscale\sof)?|size)"
)
_CHIP = (
    r"(?:(?:(?:[Nn][Vv][Ii][Dd][Ii][Aa]|Google|AMD|Intel|Huawei|Tesla|TESLA|GeForce"
    r"|Geforce|GEFORCE|Quadro|QUADRO|Cloud|[Aa]mpere|Volta|Pascal|Ascend|DGX|AWS|Instinct)[- ]"
    r"|(?:third|second|fourth)[- ]generation\s|[1-9][0-9]{1,2}\s?GB\s){0,3}(?P<model>[ABHPVKMLT]\d{1,3}0?[GS]?"
    r"s?|GH200s?|GB200s?|H100s?|H800s?|H200s?|A800s?|RTX[- ]?A?\d{4}s?(?:\s?Ti)?|GTX[- ]?\d{3,4}s?"
    r"(?:\s?Ti)?|\d{4}\s?Tis?|[1-5]0[5-9]0s?|(?:GTX\s)?(?:TITAN|Titan)(?:[- ](?:X|Xp"
    r"|V|RTX|Black)(?:\sPascal)?)?s?|TPU[- ]?[vV]\d[a-z]?s?|TPUs?\s?[vV]\d[a-z]?|[vV][2-6][ep]?\sTPUs?"
    r"|MI\d{3}[Xx]?s?|910[AB]?|Trainium\d?|Gaudi\s?\d?))"
)
_GENERIC = (
    r"(?:(?:[Gg][Pp][Uu]|GPU|TPU|IPU|NPU|XPU)s?|(?:AI\s)?[Aa]ccelerators?|chips?|cards?"
    r"|devices?|processors?)"
)
_TRAILS = (
    r"(?:[- ](?:SXM\d?|PCIe|NVLink|Tensor\s?Core|\(?\d{2,3}\s?G(?:B|iB)?\)?|AI|graphics"
    r"|GPUs?|TPUs?|IPUs?|accelerators?|[Aa]ccelerators?|chips?|cards?|devices?|processors?"
    r"|Processors?|Ti|Super|Pascal|Core|processing\sunits))*"
)
_CHIPS = (
    rf"[- ]?(?:x\s|×\s?)?(?>(?P<chip>(?:{_CHIP}|[1-9][0-9]{{1,2}}\s?GB\s{_GENERIC}|{_GENERIC}){_TRAILS}))(?!"
    r"[-\w]|\s?(?:[A-Z]\w+\s|[0-9]+G\s|and\s){0,4}(?:hours|days)|\s(?:cores?|pods?|nodes?"
    r"|servers?|machines?|hours?|days?|weeks?|months?|years?|hrs?|slices?|hosts?|memory"
    r"|RAM|instances?)\b)"
)
_TIMES = (
    r"[- ]?(?P<time>hours?|hrs?|h|days?|weeks?|months?|minutes|mins?)\b(?!\s?(?:of\s(?:[a-z-]+\s){0,3}"
    r"(?:speech|audio|video|data|footage|walking|game\w*|music|recording\w*|sound|experience"
    r"|labell?ed|play)|of\sunlabell?ed|per|/|each|\*|x|ago|later|after|before|old|long"
    r"|training\sdata))"
)
_CHIP_TIMES = (
    rf"[- ]?(?P<chip>(?:{_CHIP}{_TRAILS}|GPU|TPU|IPU|NPU|[Cc]hip|[Aa]ccelerator|[Dd]evice))(?:[- ]"
    r"|\s-\s?)(?P<time>hours?|days?|weeks?|months?|years?)\b"
)
_SHARE = rf"{_DIGITS}\s?%"
_BATCH_UNIT = (
    r"(?:\s?(?P<tokens>tokens?\b)|\s?(?P<examples>(?:sequences?|examples?|samples?"
    r"|images?|(?:image|text)-(?:text|image)\spairs|pairs|instances?|sentences|contexts"
    r"|documents|clips|videos|graphs|molecules|proteins|crops|trajectories|utterances)\b))?"
)
_NO_PART = (
    r"(?:per[- ](?:GPU|device|chip|core|worker|replica|node|TPU|batch|step|second|sec"
    r"|day|image|example|sample|sequence|language|epoch|update|iteration|minute|hour"
    r"|prompt|parameter|class|category|task|domain|word|document|subject))"
)


_OF_EXAMPLES = (
    "images", "videos", "clips", "pairs", "examples", "samples", "sequences", "sentences", "utterances", "documents",
    "proteins", "molecules", "games", "positions", "ratings",
)  # fmt: skip
_OF_TIME = ("hour", "day", "week", "month", "minute", "hrs", " h")
_OF_CHIPS = (
    "gpu", "tpu", "a100", "v100", "h100", "h800", "h200", "a800", "p100", "k80", "k40", "titan", "rtx", "gtx", "ascend",
    "accelerator", "chips", "mi250", "trainium", "l40", "a6000", "a40", "t4",
)  # fmt: skip
_OF_LENGTH = ("length", "window", "context size")
_OF_MFU, _OF_HFU = ("mfu", "model flop"), ("hfu", "hardware flop")


class _Shape(NamedTuple):
    """One way a sentence states a quantity.

    `hints` are words of which the sentence has one (lower case); `columns` where it is read; `needs` and `bars` must and
    must not stand in the sentence; values are between `least` and `most`.
    """

    quantity: str
    pattern: str
    hints: tuple[str, ...]
    columns: tuple[str, ...] = (*COLUMNS, PAPER)
    needs: str = ""
    bars: str = ""
    least: float = 1.0
    most: float = 1e15
    softly: bool = False
    far: bool = False


_DATA = ("dataset_size_notes",)
_TIME = ("training_time_notes",)
_ANY = (*COLUMNS, PAPER)
_LEAD = (
    r"^\W{0,4}(?:(?:[Tt]otal|[Aa]bout|[Tt]raining|[Dd]ataset\ssize|[Ss]ize|from\s(?:the\s)?paper"
    r"|[Pp]aper|[Tt]able\s\d+|[Tt]raining\stime|[Tt]otal\stime)\W{1,3}){0,2}"
)
_BATCH_BARS = (
    r"\b(?:then|until|increas\w+|doubl\w+|ramp\w*|switch\w*|gradual\w*|initial\w*|start\w*"
    r"|first|dynamic\w*|micro\w*|mini-?batch\ssize\sper|local|per-(?:GPU|device)|varies"
    r"|vary|from\s[0-9]+\S*|end\sof|smaller|larger|late|when|accumulation|speed|measure\w*"
    r"|throughput|and\s[0-9]+\S*\sfor|or\s[0-9]+\S*"
    r"|[Ff]or\s(?:audio|text|images?|vision|video|speech))\b|\(i{1,3}\)|" + _NO_PART
)
_TOKEN_BARS = (
    r"\b(?:first\s[0-9]+\S*|additional\w*|warm\w*"
    r"|vocab\w*|subset|portion|remaining|domain-specific|half|rest|per|merged|previous"
    r"|prior|synthetic|annotated|epochs?\sof|hours\sof|maximum|up\sto|token\sbudget"
    r"|every|image\stokens|visual\stokens|prompt\w*|each|respectively|split|upsampled"
    r"|augment\w*)\b"
)
_SET_BARS = _TOKEN_BARS + r"|\b(?:batch|sequences?|context|length|window)\b"
_EXAMPLE_BARS = (
    r"\b(?:test\w*|validat\w*|eval\w*|dev|class(?:es)?|per|each|subset|fine-?tun\w*"
    r"|held|left|remaining|split\w*|batch\w*|benchmark\w*|human|annotators?|additional\w*"
    r"|augment\w*|synthetic|respectively|first|second|downstream|categories|types|total\sof\s\d+\s\w+\sand"
    r"|plus|combin\w+|mix\w*|also|hours|supervis\w+|zero|few|out\sof|prompts?|instruct\w*"
    r"|unique|followed|episodes?\sof|of\sthese|among|after|before|random\w*|filter\w*"
    r"|remov\w+|when|during|discard\w*|original|overlap\w*|seen)\b"
)
_STEP = (
    r"(?:(?:training|gradient|optimi[sz]ation|optimi[sz]er|update|weight|parameter"
    r"|total|pre-?training|descent|SGD|mini-?batch)\s){0,2}(?:steps|updates|iterations)\b"
)
_STEP_BARS = (
    r"\b(?:warm\w*|decay\w*|every|first|linear\w*|after|until|sampl\w*|diffusion|denois\w*"
    r"|environment|env|timesteps?|time\ssteps|inference|reasoning|agent|rollout|search"
    r"|anneal\w*|each|per|checkpoint\w*|then|additional\w*|further|last|final|early"
    r"|interval\w*|simulat\w*|refine\w*|unroll\w*|message|passing|curriculum|game|experience"
    r"|for\s(?:audio|text|images?|vision|video|speech))\b"
)

_EPOCH_BARS = (
    r"\b(?:per|every|first|after|warm\w*|each|last|at\sepoch|early|until|patience|hours?/epoch"
    r"|decay\w*|stage|then|min\w*\sper|best|additional\w*|hours\sper|an\sepoch|at\sleast"
    r"|epochs?\s(?:takes?|took)|in\s(?:one|a|an|each)\sepoch|data\sepochs?|lab\w*|for\s(?:audio"
    r"|text|images?|vision|video|speech))\b"
)
_TIME_BARS = (
    r"\b(?:GPU|TPU|CPU|core)[- ](?:hours|days)|\b(?:per|each|epoch|iteration|stage"
    r"|game\w*|real\stime|machine-?hours|experience|after|collect\w*|human|play\w*"
    r"|release\w*|bringing|pass|gap|apart|longest|shortest)\b"
)
_LENGTH_BARS = (
    r"\b(?:up\sto|exten\w+|support\w*|then|from\s[0-9]+\S*|increas\w+|short\w*|long\w*"
    r"|stage|varying|performance|practice|and\s[0-9]+\S*|or\s[0-9]+\S*|ranging|output"
    r"|target|max)\b|\(i{1,3}\)"
)

_SHAPES = (
    # Mixtures: what is active of how many.
    _Shape(
        "active_parameters",
        rf"\b[Aa]ctiv(?:at(?:es|ed|ing)|e)\s(?:only\s)?{NEARLY}{NUMBER}(?:\s(?:out\s)?of\b"
        r"|[- ]?(?:active\s)?param)",
        ("activ",),
        least=1e6,
    ),
    _Shape(
        "active_parameters",
        rf"{NUMBER}[- ]?(?:(?:of\s)?(?:model\s)?param(?:eter)?s?\s)?(?:(?:that\s)?(?:are"
        r"|is|were|being)\s)?(?:active|activated|activations?)\b(?!\s(?:expert|neuron"
        r"|unit|function|layer)|\s(?:param(?:eter)?s?\s?)?[-:=(]\s?[0-9])",
        ("activ",),
        least=1e6,
    ),
    _Shape(
        "active_parameters",
        rf"\b[Aa]ctiv(?:e|ated)\sparam(?:eter)?s?(?:\scount)?\s?(?::|=|of|is|are|\()?\s?{NEARLY}{NUMBER}",
        ("activ",),
        least=1e6,
    ),
    _Shape(
        "active_parameters",
        rf"{NUMBER}\s(?:param(?:eter)?s?\s)?(?:of\s[0-9.]+\s?[MBT]\s(?:param(?:eter)?s?\s)?)?(?:(?:are"
        r"|is)\s)?used\s(?:per|for\s(?:each|every|a|one))\s(?:forward|token|input|inference)",
        ("used",),
        least=1e6,
    ),
    _Shape(
        "active_parameters",
        rf"\bus(?:es|ing)\sonly\s{NUMBER}\s(?:active\s)?param(?:eter)?s\s(?:per|for\s(?:each"
        r"|every))\stoken",
        ("only",),
        least=1e6,
    ),
    _Shape(
        "parameters",
        rf"{NUMBER}[- ]?(?:(?:total|model)\s)?(?:param(?:eter)?s?\b(?!\s?(?:are\s|is\s)?(?:activ"
        r"|used))|in\stotal\b|total\b)",
        ("param", "total"),
        needs=r"\b[Aa]ctiv(?:e|ated|ates|ating)\b|used\sper",
        bars=r"\b(?:encoder|decoder|vision|adapter|embedding|backbone|connector)\b",
        least=1e7,
    ),
    # Tokens read in training, and tokens owned.
    _Shape(
        "tokens_seen",
        rf"\b{_TRAIN}\b[^|:]{{0,90}}?\b(?:on|for|with|over|using|across|to)\s(?:a\s(?:further"
        rf"|total)\s(?:of\s)?)?(?:over\s|more\sthan\s|at\s)?{NEARLY}{NUMBER}{_TOKENS}",
        ("token",),
        bars=_TOKEN_BARS,
        least=1e8,
        softly=True,
    ),
    _Shape(
        "tokens_seen",
        rf"{NUMBER}{_TOKENS}\s(?:(?:were|was|are|is|have\sbeen|had\sbeen)\s)?(?:seen"
        r"|observed|processed|consumed)\b",
        ("token",),
        bars=_TOKEN_BARS,
        least=1e8,
    ),
    _Shape(
        "tokens_seen",
        rf"\b(?:saw|sees?|seen|consum(?:es|ed|ing)|process(?:es|ed|ing)?)\s{NEARLY}{NUMBER}{_TOKENS}",
        ("token",),
        bars=_TOKEN_BARS,
        least=1e8,
    ),
    _Shape("tokens_seen", rf"{NUMBER}{_TOKENS}\sduring\s(?:pre-?)?training", ("token",), bars=_TOKEN_BARS, least=1e8),
    _Shape(
        "dataset_tokens", rf"{NUMBER}{_TOKENS}\s(?:for|in)\s(?:pre-?)?training", ("token",), bars=_SET_BARS, least=1e7
    ),
    _Shape(
        "dataset_tokens",
        rf"\b{_SET}\b[^|]{{0,50}}?\b{_HOLDS}\s(?:over\s|more\sthan\s)?{NEARLY}{NUMBER}{_TOKENS}",
        ("token",),
        bars=_SET_BARS,
        least=1e6,
        softly=True,
    ),
    _Shape(
        "dataset_tokens",
        rf"{NUMBER}[- ]?token\s(?:[\w-]+\s){{0,3}}(?:dataset|corpus|data\sset|training\sset)",
        ("token",),
        bars=_SET_BARS,
        least=1e6,
    ),
    _Shape(
        "dataset_tokens",
        rf"{_LEAD}(?:over\s|more\sthan\s)?{NEARLY}{NUMBER}{_TOKENS}",
        ("token",),
        columns=_DATA,
        bars=_SET_BARS + r"|\btrain|\bepoch",
        least=1e6,
        softly=True,
    ),
    # Words and examples owned.
    _Shape(
        "dataset_words",
        rf"\b{_SET}\b[^|]{{0,50}}?\b{_HOLDS}\s(?:over\s|more\sthan\s)?{NEARLY}{NUMBER}{_WORDS}",
        (" words",),
        bars=_EXAMPLE_BARS + r"|\btokens|\bvocab|\bGB",
        least=1e4,
        softly=True,
        far=True,
    ),
    _Shape(
        "dataset_examples",
        rf"\b{_SET}\b[^|]{{0,50}}?\b{_HOLDS}\s(?:over\s|more\sthan\s)?{NEARLY}{NUMBER}{_EXAMPLES}",
        _OF_EXAMPLES,
        columns=(*_DATA, "abstract"),
        bars=_EXAMPLE_BARS,
        least=100,
        softly=True,
        far=True,
    ),
    _Shape(
        "dataset_examples",
        rf"\b{_TRAIN}\b[^|,]{{0,40}}?\b(?:on|with|using|from)\s(?:over\s|more\sthan\s)?{NEARLY}{NUMBER}{_EXAMPLES}",
        _OF_EXAMPLES,
        columns=(*_DATA, "abstract"),
        bars=_EXAMPLE_BARS,
        least=100,
        softly=True,
        far=True,
    ),
    _Shape(
        "dataset_examples",
        rf"{_LEAD}{NEARLY}{NUMBER}{_EXAMPLES}",
        _OF_EXAMPLES,
        columns=_DATA,
        bars=_EXAMPLE_BARS,
        least=100,
        far=True,
    ),
    # Steps, batches, sequences, epochs.
    _Shape(
        "training_steps",
        r"\b(?:for|over|trained|took|takes|total\sof|in|of|perform\w*|ran|run|with)\s(?:a\stotal\sof\s)?"
        rf"{NEARLY}{NUMBER}\s{_STEP}",
        ("steps", "updates", "iterations"),
        needs=rf"\b{_TRAIN}\b|\bbatch",
        bars=_STEP_BARS,
        softly=True,
        least=100,
        most=1e8,
        far=True,
    ),
    _Shape(
        "batch_size",
        r"\b[Bb]atch\s?-?sizes?\s?(?:\((?:GBS|BS)\)\s)?(?:of|:|=|is|was|to|is\sset\sto"
        rf"|was\sset\sto|set\sto|at|as)?\s?{NEARLY}{NUMBER}{_BATCH_UNIT}",
        ("batch",),
        columns=(*NOTES, PAPER),
        bars=_BATCH_BARS,
        most=1e9,
        far=True,
    ),
    _Shape(
        "batch_size",
        rf"{NUMBER}\s(?:global\s)?batch\s?-?size\b",
        ("batch",),
        columns=(*NOTES, PAPER),
        bars=_BATCH_BARS,
        most=1e9,
        far=True,
    ),
    _Shape(
        "batch_size",
        rf"{NUMBER}\s?(?P<tokens>tokens?)\s(?:as|in|for)\s(?:the\s|our\s|a\s)?(?:global\s)?batch\s?-?size",
        ("batch",),
        columns=(*NOTES, PAPER),
        bars=_BATCH_BARS,
        most=1e9,
        far=True,
    ),
    _Shape(
        "batch_size",
        rf"\bbatch(?:es)?\s(?:of|contain\w*)\s{NEARLY}{NUMBER}{_BATCH_UNIT}",
        ("batch",),
        columns=(*NOTES, PAPER),
        bars=_BATCH_BARS,
        most=1e9,
        far=True,
    ),
    _Shape(
        "batch_size",
        rf"{NUMBER}\s?(?P<tokens>tokens?)\s(?:per|in\s(?:each|every|a))\s(?:global\s)?(?:mini-?)?batch",
        ("batch",),
        columns=(*NOTES, PAPER),
        bars=_BATCH_BARS.replace("batch|", ""),
        most=1e9,
        far=True,
    ),
    _Shape(
        "batch_size",
        rf"\b[Bb]atch\s?-?size\s(?:of\s)?[0-9][0-9,.KMk]*\s?(?:sequences|samples|examples)?\s?\({NEARLY}"
        rf"{NUMBER}\s(?P<tokens>tokens?)\)",
        ("batch",),
        columns=(*NOTES, PAPER),
        bars=_BATCH_BARS,
        most=1e9,
        far=True,
    ),
    _Shape(
        "sequence_length",
        r"\b(?:[Ss]equence|[Cc]ontext|[Tt]raining\scontext)[- ](?:length|window|size)s?\s?\(?(?:of"
        rf"|:|=|is|was|to|is\sset\sto|was\sset\sto|set\sto)?\s?{NEARLY}{NUMBER}(?:\s?tokens?)?\b(?!\s?"
        r"(?:=|\((?:bytes|char)|kilo|base|bp|[kM]?b\b|words|char|bytes|frames|seconds"
        r"|amino|residues|pixels|nucleotides))",
        _OF_LENGTH,
        columns=(*NOTES, PAPER),
        bars=_LENGTH_BARS,
        least=16,
        most=1e7,
        far=True,
    ),
    _Shape(
        "sequence_length",
        rf"\bsequences?\sof\s(?:length\s)?{NUMBER}(?:\s?tokens)?\b",
        ("sequence",),
        columns=(*NOTES, PAPER),
        bars=_LENGTH_BARS,
        least=16,
        most=1e7,
        far=True,
    ),
    _Shape(
        "sequence_length",
        rf"{NUMBER}[- ](?:token\s)?(?:sequence|context)\s(?:length|window|size)\b",
        _OF_LENGTH,
        columns=(*NOTES, PAPER),
        bars=_LENGTH_BARS,
        least=16,
        most=1e7,
        far=True,
    ),
    _Shape(
        "epochs",
        rf"(?:{NUMBER}|\b(?P<spelled>{_SPELLED})\b)[- ](?:full\s|complete\s|training\s"
        r"|total\s)?epochs?\b(?!\s?(?:on|over)\sthe\s(?:test|dev))",
        ("epoch",),
        needs=rf"\b{_TRAIN}\b|^\W{{0,3}}\S+\s\S*epochs?\W*$|\bfor\b|\bepochs\b",
        bars=_EPOCH_BARS,
        least=0.1,
        most=20000,
        far=True,
    ),
    # Chips and time.
    _Shape("chips", rf"(?:{NUMBER}|\b(?P<spelled>{_SPELLED})\b){_CHIPS}", _OF_CHIPS, most=200000),
    _Shape(
        "training_hours",
        rf"{_LEAD}{NEARLY}(?:{NUMBER}|\b(?P<spelled>{_SPELLED}|an?)\b){_TIMES}",
        _OF_TIME,
        columns=_TIME,
        bars=_TIME_BARS,
        least=0.01,
        most=20000,
    ),
    _Shape(
        "training_hours",
        rf"\b(?:{_TRAIN}|took|takes|lasted|ran)\b[^|]{{0,80}}?\b(?:for|took|takes|taking"
        rf"|in|over|lasted|within)\s(?:a\stotal\sof\s)?{NEARLY}(?:{NUMBER}|\b(?P<spelled>{_SPELLED}"
        rf"|an?)\b){_TIMES}",
        _OF_TIME,
        columns=_ANY,
        needs=rf"\b{_TRAIN}\b",
        bars=_TIME_BARS,
        least=0.01,
        most=20000,
    ),
    _Shape(
        "training_hours",
        rf"\b(?:for|in|over|took|takes|taking|during)\s(?:a\stotal\sof\s)?{NEARLY}(?:{NUMBER}"
        rf"|\b(?P<spelled>{_SPELLED}|an?)\b){_TIMES}",
        _OF_TIME,
        columns=_TIME,
        needs=r"\b[Tt]rain|[GT]PU|[AVHP]100|[Tt]ook",
        bars=_TIME_BARS,
        least=0.01,
        most=20000,
    ),
    _Shape(
        "chip_hours",
        rf"{NUMBER}{_CHIP_TIMES}",
        ("hours", "days", "hour", "weeks", "months", "years"),
        needs=rf"\b(?:{_TRAIN}|[Pp]re-?[Tt]raining)\b|^.{{0,70}}$",
        bars=r"\b(?:per|each|runs|screen\w*|runtime|sav\w+|reduc\w+|search\w*|experiment\w*"
        r"|CO2|carbon)\b",
        least=1,
        most=1e9,
        far=True,
    ),
    # Shares of the peak.
    _Shape(
        "mfu",
        rf"{_SHARE}\s(?:of\s)?(?:MFU|[Mm]odel\s(?:FLOPs?|flops?|FLOPS)\s[Uu]tili[sz]ation)",
        _OF_MFU,
        least=1,
        most=100,
    ),
    _Shape(
        "mfu",
        r"\b(?:MFU|[Mm]odel\s(?:FLOPs?|flops?|FLOPS)\s[Uu]tili[sz]ation)\s?(?:\(MFU\)\s?)?(?:of"
        rf"|:|is|was|at|=)?\s?{NEARLY}{_SHARE}",
        _OF_MFU,
        least=1,
        most=100,
    ),
    _Shape(
        "hfu",
        rf"{_SHARE}\s(?:of\s)?(?:HFU|[Hh]ardware\s(?:FLOPs?|flops?|FLOPS)\s[Uu]tili[sz]ation)",
        _OF_HFU,
        least=1,
        most=100,
    ),
    _Shape(
        "hfu",
        r"\b(?:HFU|[Hh]ardware\s(?:FLOPs?|flops?|FLOPS)\s[Uu]tili[sz]ation)\s?(?:\(HFU\)\s?)?(?:of"
        rf"|:|is|was|at|=)?\s?{NEARLY}{_SHARE}",
        _OF_HFU,
        least=1,
        most=100,
    ),
    _Shape(
        "utilisation",
        rf"{_SHARE}\s(?:(?:GPU|hardware|compute)\s)?(?:[Uu]tili[sz]ation|of\s(?:the\s)?(?:theoretical\s)?peak)",
        ("utili", "peak"),
        least=1,
        most=100,
    ),
    _Shape(
        "utilisation",
        r"\b(?:(?:GPU|hardware|[Hh]ardware|compute|FLOPs?)\s)?[Uu]tili[sz]ation(?:\srate)?\s?(?:of"
        rf"|:|is|was|at|=)\s?{NEARLY}{_SHARE}",
        ("utili",),
        least=1,
        most=100,
    ),
)


class _Reader(NamedTuple):
    """A shape made ready: its patterns compiled."""

    shape: _Shape
    pattern: re.Pattern[str]
    needs: re.Pattern[str] | None
    bars: re.Pattern[str] | None

    def allows(self, plain: str, match: re.Match[str]) -> bool:
        """Whether the sentence has what the shape needs and nothing that bars it."""
        if self.needs and not self.needs.search(plain):
            return False
        return not (self.bars and self.bars.search(plain if self.shape.far else _around(plain, match)))


@lru_cache(maxsize=16)
def _readers(column: str) -> list[tuple[tuple[str, ...], list[_Reader]]]:
    """The shapes of a column, by the words that hint at them."""
    found: dict[tuple[str, ...], list[_Reader]] = {}
    for shape in _SHAPES:
        if column in shape.columns:
            needs = re.compile(shape.needs) if shape.needs else None
            bars = re.compile(shape.bars, re.IGNORECASE) if shape.bars else None
            found.setdefault(shape.hints, []).append(_Reader(shape, re.compile(shape.pattern), needs, bars))
    return list(found.items())


_HINTS = tuple({hint for shape in _SHAPES for hint in shape.hints})
_ANY_FIGURE = re.compile(
    rf"[0-9]|\b(?:an?|{_SPELLED})[- ](?:\w{{1,12}}[- ]){{0,2}}(?:hour|day|week|month"
    r"|epoch|[gGtT][pP][uU]|[AVHP]100)"
)


def _of_sentence(text: str, sentence: _Sentence, column: str) -> Iterator[Fact]:
    """The facts of one sentence; guesses are looked for only where there would be a fact."""
    plain = sentence.plain
    if not _ANY_FIGURE.search(plain):
        return
    low = plain.lower()
    there = {hint for hint in _HINTS if hint in low}
    if not there:
        return
    for hints, readers in _readers(column):
        if there.isdisjoint(hints):
            continue
        for reader in readers:
            for match in reader.pattern.finditer(plain):
                if reader.allows(plain, match):
                    yield from _fact(text, sentence, reader.shape, match, column)


def _fact(text: str, sentence: _Sentence, shape: _Shape, match: re.Match[str], column: str) -> Iterator[Fact]:
    """The fact a match of a shape is, if its figure stands for itself and is the run's; chips bring their name."""
    plain = sentence.plain
    begin = match.start("spelled") if match.groupdict().get("spelled") else match.start("number")
    value = _value(match)
    if value is None or not shape.least <= value <= shape.most:
        return
    if (
        not _is_no_guess(plain)
        or not _is_exact(plain, match, shape.softly)
        or not _is_of_the_run(plain, begin, match.end())
    ):
        return
    quantity, value, unit = _meaning(shape.quantity, value, match, plain)
    if (
        not quantity
        or (unit == "hours" and value > shape.most)
        or (quantity == "chips" and not _are_all_chips(plain, match, column))
    ):
        return
    words = match.groupdict().get("chip")
    named = words if match.groupdict().get("model") else None
    said = " ".join(text[sentence.start : sentence.start + len(plain)].split())
    place = sentence.start + begin, sentence.start + match.end()
    yield Fact(quantity, value, unit, named, said, *place)


_UNITS = {
    "active_parameters": "parameters", "parameters": "parameters", "tokens_seen": "tokens", "dataset_tokens": "tokens",
    "dataset_words": "words", "dataset_examples": "examples", "training_steps": "steps", "sequence_length": "tokens",
    "epochs": "epochs", "chips": "chips", "training_hours": "hours", "chip_hours": "chip-hours", "mfu": "share",
    "hfu": "share", "utilisation": "share",
}  # fmt: skip
_EPOCHS = re.compile(r"\bepochs?\b", re.IGNORECASE)
# Counts of examples; where a text has several, none is the whole.
_COUNTED = re.compile(
    r"(?<![\w.,])([0-9][0-9.,]{0,14}\s?(?:[KkMBT]\b|thousand|million|billion)?)[- ](?:[a-zA-Z-]{2,20}\s){0,3}"
    r"(?:images?|videos?|pairs|examples|samples|sequences|sentences|documents|games"
    r"|episodes|clips|structures|molecules)\b"
)
_OF_A_SET = re.compile(rf"\b(?:{_SET}|mixture|Pile)\b")


def _meaning(quantity: str, value: float, match: re.Match[str], plain: str) -> tuple[str, float, str]:
    """Quantity, value and unit of a figure; the quantity is empty where it cannot be told."""
    groups = match.groupdict()
    if quantity == "batch_size":
        counted = "tokens" if groups.get("tokens") else "examples" if groups.get("examples") else "datapoints"
        return quantity, value, counted
    if quantity == "training_hours" and not _is_one_time(plain, value * _hours(groups["time"])):
        return "", value, ""
    if quantity in ("training_hours", "chip_hours"):
        return quantity, value * _hours(groups["time"]), _UNITS[quantity]
    if quantity in ("mfu", "hfu", "utilisation"):
        return quantity, value / 100, "share"
    if quantity == "tokens_seen":
        if _OF_A_SET.search(match[0]):
            return "", value, ""
        if _EPOCHS.search(plain):
            return "dataset_tokens", value, "tokens"
    if quantity == "chips" and (value != int(value) or "." in (groups.get("number") or "")):
        return "", value, ""
    return quantity, value, _UNITS[quantity]


_ANY_TIME = re.compile(r"(?<![\w.,])([0-9][0-9,]{0,9}(?:\.[0-9]{1,6})?)[- ]?(hours?|hrs?|days?|weeks?|months?)\b")


def _is_one_time(plain: str, hours: float) -> bool:
    """Whether every time a sentence gives is the one (two models, or stages, have two)."""
    times = (float(number.replace(",", "")) * _hours(word) for number, word in _ANY_TIME.findall(plain))
    return all(abs(other - hours) <= 0.05 * hours for other in times)


def _hours(word: str) -> float:
    """Hours of a unit of time; a month is 365.25/12 days."""
    if word.startswith(("mi", "mo", "y")):
        return {"mi": 1 / 60, "mo": 365.25 * 2, "y": 365.25 * 24}[word[:2] if word[0] == "m" else "y"]
    return {"h": 1.0, "d": 24.0, "w": 168.0}[word[0]]


# How far from a figure words speak of it, in characters.
_BEFORE, _AFTER = 60, 45
_PARTS = re.compile(
    r"\b(?:nodes?|servers?|machines?|hosts?|pods?|DGX|HGX|workers?|boxes|replicas?"
    r"|slices?)\b|\beach\b|\bper\b",
    re.IGNORECASE,
)
_EACH_PART = re.compile(r"\b(?:each|every|per)\s(?:compute\s)?(?:node|server|machine|host|worker)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:(?:a|one|single)\s(?:machine|node|server|workstation|computer|host)|total)\b", re.IGNORECASE)
_IN_TRAINING = re.compile(rf"\b(?:{_TRAIN}|[Tt]raining\stime|[Oo]ptimi[sz]ed\son)\b")


def _around(plain: str, match: re.Match[str]) -> str:
    return plain[max(0, match.start() - _BEFORE) : match.end() + _AFTER]


def _are_all_chips(plain: str, match: re.Match[str], column: str) -> bool:
    """Whether a count of chips is the run's, not that of one of several computers."""
    if _EACH_PART.search(plain):
        return False
    if _PARTS.search(_around(plain, match)) and not _WHOLE.search(_around(plain, match)):
        return False
    return column == "training_time_notes" or _IN_TRAINING.search(plain) is not None
