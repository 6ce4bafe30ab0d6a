"""MLPerf Training results: descriptions of systems and timed logs of each round, from the round's public repository."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from pydantic import Field

from flows.http import FetchError
from flows.rows import Rows, SchemaBreak, record_rows
from flows.sources import About, Ask, Scope, SourceSettings

Get = Callable[[Ask], bytes]


class MlperfSettings(SourceSettings):
    """Where the repositories live and which results are gathered; lists are separated by commas, empty means all.

    By default the rounds v4.0 and v4.1, and of the closed division the benchmarks whose operations are counted in
    sql/assumptions/benchmarks.csv, with every result file: the rules' mean needs them all. That is some hundred files a
    round; all benchmarks are thousands. Without a key GitHub's API answers 60 requests an hour, and one or two list a
    round: the files themselves come from the raw host.
    """

    url: str = "https://api.github.com"
    raw_url: str = "https://raw.githubusercontent.com"
    rate: str = "1/1"
    owner: str = "mlcommons"
    revision: str = "HEAD"
    rounds: str = Field(default="v4.0,v4.1", pattern=r"^v\d+\.\d+(\s*,\s*v\d+\.\d+)*$")
    divisions: str = "closed"
    benchmarks: str = "bert,gpt3,resnet"
    files_per_result: int = Field(default=40, ge=1)  # no benchmark asks for more


SETTINGS = MlperfSettings
ABOUT = About(
    title="MLPerf Training results",
    licence="Apache-2.0",
    attribution="MLCommons, MLPerf Training results, github.com/mlcommons; MLPerf is a trademark of MLCommons",
    homepage="https://github.com/mlcommons/training_results_v4.0",
    rhythm="two rounds a year; a round does not change",
    terms="https://github.com/mlcommons/training_policies",
    adds=("results",),
    is_proven=True,
)
DATASETS = {"results": "mlperf_results"}
SIGHTINGS = {"mlperf_results": ("run", {"run_name": "run_name"})}

_TEXT_TYPES = ("text/plain", "application/json", "application/octet-stream")
_MARK = b":::MLLOG"
_DEEPEST = 6
_SHA = re.compile(r"[0-9a-f]{40,64}")
_SYSTEM = re.compile(r"([^/]+)/systems/([^/]+)\.json")
_RESULT = re.compile(r"([^/]+)/results/([^/]+)/([^/]+)/result_(\d+)\.txt")
_PAGE = re.compile(r"(v\d+\.\d+)([?/])(.*)", re.DOTALL)
_RESULT_NAMES = (
    "run_name", "benchmark_round", "submitter", "system_name", "benchmark", "result_number", "division",
    "stated_system_name", "run_start_ms", "run_stop_ms", "run_status", "batch_size", "train_samples", "samples_count",
    "last_epoch_num", "quality", "number_format",
)  # fmt: skip
_SYSTEM_NAMES = (
    "benchmark_round", "submitter", "system_name", "stated_system_name", "division", "nodes", "accelerators_per_node",
    "training_hardware",
)  # fmt: skip
# Our name → the key of a system description.
_SYSTEM_KEYS = {
    "stated_system_name": "system_name",
    "division": "division",
    "nodes": "number_of_nodes",
    "accelerators_per_node": "accelerators_per_node",
    "training_hardware": "accelerator_model_name",
}
# Our name → the key of a log's event whose last value counts.
_LOG_KEYS = {
    "division": "submission_division",
    "stated_system_name": "submission_platform",
    "batch_size": "global_batch_size",
    "train_samples": "train_samples",
}
# Words of the training scripts' own command lines that state the number format.
_FORMAT_WORDS = re.compile(rb"--dtype[ =](b?float(?:16|32))\b|\b(fp16|bf16)=True\b")
_FORMATS = {b"float32": "fp32", b"float16": "fp16", b"bfloat16": "bf16", b"fp16": "fp16", b"bf16": "bf16"}


def crawl(get: Get, scope: Scope, dataset: str) -> None:
    """List each round, then ask for its system descriptions and, of the wanted divisions, the result logs.

    The name of a round's listing says what was chosen of it: a round whose listing is finished is not asked again, and
    after another choice only what is new of it is. Raises SchemaBreak where a listing or description is not one.
    """
    own = scope.settings
    lists = {_listing(own, name): name for name in sorted(_words(own.rounds))}
    rounds = {
        name: _wanted(_files(get, own, name, page, "", own.revision), own, scope.finished, name)
        for page, name in lists.items()
        if page not in scope.finished
    }
    pages = sum(1 + len(logs) for systems in rounds.values() for logs in systems.values())
    scope.expect(len(rounds) + pages)
    for name, systems in rounds.items():
        for system, logs in systems.items():
            if _division(get(_raw(own, name, system)), f"{name}/{system}") in _words(own.divisions, "closed,open"):
                for log in logs:
                    _had(get, _raw(own, name, log))


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The one row of a system description or result log; a round's listing has none.

    A log whose run did not end well, or which is not whole, is refused with the reason. Raises SchemaBreak for a name
    that is neither, and for a description that is not the JSON it should be.
    """
    page = _PAGE.fullmatch(document)
    if page and page[2] == "?":
        return {"mlperf_results": record_rows([], _RESULT_NAMES)}
    system = _SYSTEM.fullmatch(page[3]) if page else None
    if page and system:
        described = _system_row(content, document, page[1], *system.groups())
        return {"mlperf_systems": record_rows([described], _SYSTEM_NAMES)}
    result = _RESULT.fullmatch(page[3]) if page else None
    if page and result:
        row, fault = _result_row(content, page[1], *result.groups())
        return {"mlperf_results": record_rows([row], _RESULT_NAMES, {1: fault} if fault else None)}
    raise SchemaBreak(f"{document}: neither a system description nor a result log of a round, by its name")


def _words(listed: str, otherwise: str = "") -> set[str]:
    return {word.strip() for word in (listed or otherwise).split(",") if word.strip()}


def _listing(own: MlperfSettings, name: str) -> str:
    """Name of the page that lists a round: the round and what is chosen of it."""
    chosen = [",".join(sorted(_words(words))) or "all" for words in (own.benchmarks, own.divisions)]
    return f"{name}?benchmarks={chosen[0]}&divisions={chosen[1]}&files={own.files_per_result}"


def _files(get: Get, own: MlperfSettings, name: str, page: str, folder: str, tree: str) -> set[str]:
    """Paths of all files below a folder of a round; where one answer cannot hold them, folder by folder."""
    if folder.count("/") > _DEEPEST:
        raise SchemaBreak(f"{page}: folders more than {_DEEPEST} deep were not expected; {folder} is")
    entries, is_whole = _tree(get, own, name, page, folder, tree, {"recursive": "1"})
    if is_whole:
        return {folder + entry["path"] for entry in entries if _is_file(entry)}
    entries, _ = _tree(get, own, name, page + "&flat", folder, tree, {})
    found = {folder + entry["path"] for entry in entries if _is_file(entry)}
    for entry in entries:
        if entry["type"] == "tree" and (not folder or entry["path"] in ("systems", "results") or "/results/" in folder):
            found |= _files(get, own, name, page, f"{folder}{entry['path']}/", entry["sha"])
    return found


def _tree(
    get: Get, own: MlperfSettings, name: str, page: str, folder: str, tree: str, params: Mapping[str, str]
) -> tuple[list[dict], bool]:
    """Entries of one answer of GitHub's git trees, and whether it holds all there are."""
    page += f"&folder={folder}" if folder else ""
    url = f"{own.base}/repos/{own.owner}/training_results_{name}/git/trees/{quote(tree)}"
    key = own.key.get_secret_value()
    secret = {"Authorization": f"Bearer {key}"} if key else {}
    content = get(Ask(url, page, params=params, accepts=("application/json",), secret_headers=secret))
    answer = _json(content, page)
    entries = answer.get("tree") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise SchemaBreak(f"{page}: a git tree of path, type and sha was expected; there is {_start(content)}")
    return entries, answer.get("truncated") is not True


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(word), str) for word in ("path", "type", "sha"))
        and _SHA.fullmatch(entry["sha"]) is not None
        and entry["path"].isprintable()
        and not {"", ".", ".."} & set(entry["path"].split("/"))
    )


def _is_file(entry: Mapping[str, str]) -> bool:
    return entry["type"] == "blob" and entry.get("mode") != "120000"  # a link is no file


def _wanted(files: set[str], own: MlperfSettings, finished: Mapping[str, object], name: str) -> dict[str, list[str]]:
    """System description → the result logs to ask for, in the order of their numbers; those without one are left out."""
    logs: dict[str, list[tuple[str, int, str]]] = {}
    for path in files:
        match = _RESULT.fullmatch(path)
        if match and match[3] in (_words(own.benchmarks) or {match[3]}):
            logs.setdefault(f"{match[1]}/systems/{match[2]}.json", []).append((match[3], int(match[4]), path))
    wanted: dict[str, list[str]] = {}
    for system in sorted(logs.keys() & files):
        seen: dict[str, int] = {}
        wanted[system] = []
        for benchmark, _, path in sorted(logs[system]):
            seen[benchmark] = seen.get(benchmark, 0) + 1
            if seen[benchmark] <= own.files_per_result and f"{name}/{path}" not in finished:
                wanted[system].append(path)
    return {system: paths for system, paths in wanted.items() if paths}


def _raw(own: MlperfSettings, name: str, path: str) -> Ask:
    url = f"{own.raw_url.rstrip('/')}/{own.owner}/training_results_{name}/{quote(own.revision)}/{quote(path)}"
    return Ask(url, f"{name}/{path}", accepts=_TEXT_TYPES)


def _had(get: Get, ask: Ask) -> None:
    """Ask for a log; one that is listed and yet not there leaves the others."""
    try:
        get(ask)
    except FetchError as error:
        if error.status not in (404, 410):
            raise


def _json(content: bytes, document: str) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SchemaBreak(f"{document}: JSON was expected; there is {_start(content)}") from error


def _start(content: bytes) -> str:
    return repr(" ".join(content[:60].decode("utf-8", "replace").split()) or "nothing")


def _description(content: bytes, document: str) -> dict:
    description = _json(content, document)
    if not isinstance(description, dict):
        raise SchemaBreak(f"{document}: a JSON object was expected; there is {_start(content)}")
    missing = [key for key in _SYSTEM_KEYS.values() if not isinstance(description.get(key), str | int)]
    if missing:
        there = ", ".join(list(description)[:8]) or "nothing"
        raise SchemaBreak(f"{document}: {missing[0]!r} was expected in the system description; it has {there}")
    return description


def _division(content: bytes, document: str) -> str:
    return str(_description(content, document)["division"]).strip().lower()


def _system_row(content: bytes, document: str, round_name: str, submitter: str, system: str) -> dict[str, str | None]:
    description = _description(content, document)
    row = {name: _text(description[key]) for name, key in _SYSTEM_KEYS.items()}
    row["division"] = (row["division"] or "").lower()
    return {"benchmark_round": round_name, "submitter": submitter, "system_name": system, **row}


def _text(value: object) -> str | None:
    """A value of a log or description as cell text; what is no word and no number has none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).encode("utf-8", "replace").decode().strip()


class _BrokenLine(Exception):
    """A marked line that is not whole; the message says which and how it begins."""


@dataclass
class _Log:
    """What is kept of a log: the last value of each key, starts and stops of the clock, the last evaluation."""

    values: dict[str, object] = field(default_factory=dict)
    starts: list[dict] = field(default_factory=list)
    stops: list[dict] = field(default_factory=list)
    evaluation: dict = field(default_factory=dict)

    def take(self, event: dict) -> None:
        """Add one event."""
        key = event["key"]
        if key == "run_start":
            self.starts.append(event)
        elif key == "run_stop":
            self.stops.append(event)
        elif key == "eval_accuracy":
            self.evaluation = event
        else:
            self.values[key] = event.get("value")

    def fault(self, benchmark: str) -> tuple[str, str] | None:
        """The first rule the log breaks, with what is there instead."""
        if len(self.starts) != 1 or len(self.stops) != 1:
            counts = f"{len(self.starts)} run_start, {len(self.stops)} run_stop"
            return "the log has one run_start and one run_stop", counts
        status = self.stops[0]["metadata"].get("status")
        if status != "success":
            return "run_stop says success", str(status)
        if self.stops[0]["time_ms"] <= self.starts[0]["time_ms"]:
            return "run_stop comes after run_start", f"{self.starts[0]['time_ms']}, {self.stops[0]['time_ms']}"
        if self.values.get("submission_benchmark") != benchmark:
            return "the log is of the benchmark its folder names", str(self.values.get("submission_benchmark"))
        return None


def _events(content: bytes) -> Iterator[dict]:
    """The events of a log, also where several stand on one line; raises _BrokenLine for one that is not whole."""
    decoder = json.JSONDecoder()
    start = content.find(_MARK)
    while start >= 0:
        stop = content.find(b"\n", start)
        line = content[start : stop if stop >= 0 else len(content)]
        for words in line.split(_MARK)[1:]:
            text = words.decode("utf-8", "replace").strip()
            try:
                event, _ = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                event = None
            if not _is_event(event):
                number = content.count(b"\n", 0, start) + 1
                raise _BrokenLine(f"line {number}: {text[:80]}")
            yield event
        start = content.find(_MARK, start + len(line))


def _is_event(event: object) -> bool:
    return (
        isinstance(event, dict)
        and isinstance(event.get("key"), str)
        and type(event.get("time_ms")) in (int, float)
        and isinstance(event.get("metadata"), dict)
    )


def _result_row(
    content: bytes, round_name: str, submitter: str, system: str, benchmark: str, number: str
) -> tuple[dict[str, str | None], tuple[str, str] | None]:
    """The row of a result log, and the rule it breaks with the raw value, if any."""
    log = _Log()
    try:
        for event in _events(content):
            log.take(event)
        fault = log.fault(benchmark)
    except _BrokenLine as error:
        fault = ("every MLLOG line is whole", str(error))
    start, stop = (events[0] if len(events) == 1 else {} for events in (log.starts, log.stops))
    seen = log.evaluation.get("metadata", {})
    row = {
        "run_name": f"MLPerf Training {round_name} {benchmark}, {submitter} {system}",
        "benchmark_round": round_name,
        "submitter": submitter,
        "system_name": system,
        "benchmark": benchmark,
        "result_number": number,
        **{name: _text(log.values.get(key)) for name, key in _LOG_KEYS.items()},
        "run_start_ms": _text(start.get("time_ms")),
        "run_stop_ms": _text(stop.get("time_ms")),
        "run_status": _text(stop.get("metadata", {}).get("status")),
        "samples_count": _text(seen.get("samples_count")),
        "last_epoch_num": _text(seen.get("epoch_num")),
        "quality": _text(log.evaluation.get("value")),
        "number_format": _number_format(content),
    }
    return row, fault


def _number_format(content: bytes) -> str | None:
    """The number format the training script's own command line or arguments state, if they state one."""
    stated = {_FORMATS[dtype or flag] for dtype, flag in _FORMAT_WORDS.findall(content)}
    return stated.pop() if len(stated) == 1 else None
