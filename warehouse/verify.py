"""Checks of what is kept: catalogue, data files, contents of every version, archived documents, release folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from schemas.contract import Table
from schemas.tables import all_tables
from warehouse import backup, editions, lake, release, sums
from warehouse.archive import Archive
from warehouse.derive import table_faults
from warehouse.faults import first_line
from warehouse.lake import Contents, Lake, LakeError, Version, quoted

LIVE = "begin_snapshot <= {snapshot} and (end_snapshot is null or end_snapshot > {snapshot})"


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was kept: the file or table, what is wrong with it, what to do."""

    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.remedy}"


@dataclass
class Findings:
    """What was looked at, how much of it, every fault, and what is worth knowing but no fault."""

    versions: list[int] = field(default_factory=list)
    tables: int = 0
    data_files: int = 0
    bytes: int = 0
    documents: int = 0
    releases: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, place: object, what: object, remedy: str) -> None:
        """Add a fault; the first line of what an error says is enough."""
        self.faults.append(Fault(str(place), (str(what).splitlines() or [""])[0], remedy))


@dataclass(frozen=True)
class DataFile:
    """A file of the lake as the catalogue has it: whose it is, where, its bytes, the snapshots that see it.

    Of a merged file an older snapshot sees the rows up to its own time: `partial_max` is the first that sees them all.
    """

    table: str
    path: str
    bytes: int
    begin_snapshot: int
    end_snapshot: int | None
    partial_max: int | None

    def is_seen(self, snapshot_id: int) -> bool:
        """Whether a snapshot reads this file."""
        return self.begin_snapshot <= snapshot_id and (self.end_snapshot is None or snapshot_id < self.end_snapshot)


def verify(
    place: Lake, archive: Archive, releases: Path, wanted: int | None = None, code_version: str = ""
) -> Findings:
    """Read again everything that is kept of a version, or of all of them; raises LakeError where there is no such version.

    Rules of today's schemas that a version of other code breaks are notes, those of this `code_version` faults.
    """
    found = Findings()
    if not (place.exists() or place.folder.exists() or any(release.numbered(releases))):
        raise LakeError(f"no version is published in {place.folder.parent}; `aicompute run` makes one")
    whole: dict[int, dict[str, Contents | None]] = {}
    with duckdb.connect() as con:
        made = _versions(con, place, found)
        chosen = [version for version in made if wanted in (None, version.version)]
        if made and not chosen:
            raise LakeError(f"there is no version {wanted}; there are {spans([v.version for v in made])}")
        found.versions = [version.version for version in chosen]
        if chosen:
            held = data_files(con, place)
            damaged = _data_files(place, held, chosen, found)
            whole = _contents(con, place, chosen, held, damaged, code_version, found)
    _documents(archive, chosen, found)
    for number, folder in release.numbered(releases):
        if wanted in (None, number):
            found.releases.append(number)
            found.faults += release_faults(folder, whole.get(number, {}))
            if not (folder / sums.NAME).exists():
                found.notes.append(
                    f"{folder}: an older program made it, without hashes: its CSV files are not compared"
                )
    _newest_release(releases, made, wanted, found)
    return found


def spans(numbers: Sequence[int]) -> str:
    """Numbers for people: `1 to 3, 7`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{p[0]} to {p[-1]}" if len(p) > 1 else str(p[0]) for p in parts) or "none"


def _versions(con: duckdb.DuckDBPyConnection, place: Lake, found: Findings) -> list[Version]:
    """Attach the lake and list its versions; none, and a fault, where its catalogue cannot be read."""
    file = backup.catalogue_file(place)
    remedy = lake.remedy(file) if file else "look at the server"
    if broken := backup.catalogue_fault(place):
        found.fault(file, f"the catalogue is damaged ({broken})", remedy)
        return []
    try:
        lake.attach(con, place)
        return lake.versions(con)
    except (duckdb.Error, LakeError) as error:
        found.fault(file or place.folder, f"the catalogue cannot be read ({first_line(error)})", remedy)
        return []


def data_files(con: duckdb.DuckDBPyConnection, place: Lake, name: str = "lake") -> list[DataFile]:
    """Every data and delete file the catalogue of an attached lake knows, with its whole path."""
    books = f"__ducklake_metadata_{name}"
    relative = "if({0}.path_is_relative, {1} || {0}.path, {0}.path)"
    inner = relative.format("s", f"'{quoted(place.data)}'")
    inner = relative.format("t", inner)
    rows = con.execute(
        f"""select s.schema_name || '.' || t.table_name, {relative.format("f", inner)}, f.file_size_bytes,
            f.begin_snapshot, f.end_snapshot, f.partial_max
        from (select table_id, path, path_is_relative, file_size_bytes, begin_snapshot, end_snapshot, partial_max
                from {books}.ducklake_data_file
            union all
            select table_id, path, path_is_relative, file_size_bytes, begin_snapshot, end_snapshot, partial_max
                from {books}.ducklake_delete_file) f
        join (select distinct table_id, schema_id, table_name, path, path_is_relative from {books}.ducklake_table) t
            using (table_id)
        join (select distinct schema_id, schema_name, path, path_is_relative from {books}.ducklake_schema) s
            using (schema_id)
        order by 2"""
    ).fetchall()
    return [DataFile(*row) for row in rows]


def _data_files(place: Lake, held: list[DataFile], chosen: list[Version], found: Findings) -> set[str]:
    """Read every data file a version refers to; returns the paths of those that are not what they were."""
    folder = backup.data_folder(place)
    if folder is None:
        found.notes.append(f"{place.data}: no folder; its files are read through the tables only")
        return set()
    known, damaged, unknown = backup.recorded_sums(place), set(), 0
    for file in held:
        seen_by = [version.version for version in chosen if file.is_seen(version.snapshot_id)]
        if not seen_by:
            continue
        path = Path(file.path)
        digest = known.get(path.relative_to(folder).as_posix()) if path.is_relative_to(folder) else None
        unknown += digest is None
        found.data_files += 1
        found.bytes += file.bytes
        if what := _file_fault(path, file.bytes, digest):
            damaged.add(file.path)
            whose = f"{file.table} of version{'s' if len(seen_by) > 1 else ''} {spans(seen_by)}"
            found.fault(path, f"{what} ({whose})", f"restore it from a backup of {folder}; {_rebuild(seen_by)}")
    if unknown:
        found.notes.append(f"{unknown} data files have no recorded hash; the next version records them")
    spare = set(sums.files(folder)) - {Path(f.path).relative_to(folder).as_posix() for f in held}
    if spare:
        found.notes.append(
            f"{folder}: {len(spare)} files that no version needs, as {min(spare)}; `aicompute maintain` removes them"
        )
    return damaged


def _rebuild(numbers: Sequence[int]) -> str:
    return f"`aicompute rebuild {min(numbers)}` tells whether the archive still makes the same tables"


def _file_fault(path: Path, size: int, digest: str | None) -> str:
    """What is wrong with a file of known size and hash; empty where nothing is."""
    try:
        there = path.stat().st_size
        if there != size:
            return f"{there} bytes where {size} were written"
        if digest is not None and sums.file_hash(path) != digest:
            return "its bytes are not those that were written"
    except FileNotFoundError:
        return "the file is missing"
    except OSError as error:
        return f"the file cannot be read ({error.strerror})"
    return ""


def expected(
    con: duckdb.DuckDBPyConnection, versions: Sequence[Version], name: str = "lake"
) -> dict[int, dict[str, Contents | None]]:
    """What each table of each version must hold, as the books say; None for the tables of a version without such books."""
    told: dict[int, dict[str, Contents | None]] = {version.version: {} for version in versions}
    try:
        rows = con.execute(f"select version, table_name, rows, content_hash from {name}.main.table_contents").fetchall()
    except duckdb.CatalogException:  # older code kept no such books
        rows = []
    for number, table, count, digest in rows:
        if number in told:
            told[number][table] = Contents(count, digest)
    return {v.version: told[v.version] or dict.fromkeys(_tables(con, v, name)) for v in versions}


def _tables(con: duckdb.DuckDBPyConnection, version: Version, name: str) -> list[str]:
    """The tables a version has, from the catalogue of an attached lake."""
    books, live = f"__ducklake_metadata_{name}", LIVE.format(snapshot=version.snapshot_id)
    rows = con.execute(
        f"""select schema_name || '.' || table_name from (from {books}.ducklake_table where {live})
        join (from {books}.ducklake_schema where {live}) using (schema_id)
        where schema_name not in ('main', '{editions.SCHEMA}') order by 1"""
    ).fetchall()
    return [table for (table,) in rows]


def unlike(con: duckdb.DuckDBPyConnection, name: str, told: Contents | None) -> str:
    """How a table differs from what it must hold; empty where it does not, or where nothing was recorded."""
    columns = [row[0] for row in con.execute(f"describe {name}").fetchall()]
    holds = lake.contents(con, name, columns)
    if told in (None, holds):
        return ""
    if holds.rows != told.rows:
        return f"{holds.rows} rows where {told.rows} were committed"
    return f"the {told.rows} rows are not those that were committed"


def _contents(
    con: duckdb.DuckDBPyConnection,
    place: Lake,
    chosen: list[Version],
    held: list[DataFile],
    damaged: set[str],
    code_version: str,
    found: Findings,
) -> dict[int, dict[str, Contents | None]]:
    """Compare every table of every version with what was recorded of it; an equal table is not read twice.

    Returns for each version its tables that are as they were, and what was recorded of them.
    """
    read: dict[str, tuple] = {}
    whole: dict[int, dict[str, Contents | None]] = {}
    must = expected(con, chosen)
    for version in chosen:
        tables = must[version.version]
        if None in tables.values():
            found.notes.append(f"version {version.version}: an older program recorded no contents; it is only read")
        lake.attach(con, place, version.snapshot_id, "kept")
        fresh = set()
        for name, told in tables.items():
            files = files_of(name, held, version)
            state = (rows_of(files, version), told)
            if damaged.intersection(file.path for file in files):
                read.pop(name, None)
            elif read.get(name) != state:
                read.pop(name, None)
                if _is_read(con, version, name, told, found):
                    fresh.add(name)
                    read[name] = state
        con.execute("detach kept")
        _rules(con, version, fresh, set(read), version.code_version == code_version, found)
        whole[version.version] = {name: told for name, told in tables.items() if name in read}
    return whole


def files_of(name: str, held: list[DataFile], version: Version) -> tuple[DataFile, ...]:
    """The files that a table of a version is read from; where it is a view, those of what it shows."""
    stored, seen = editions.stored(name), [f for f in held if f.is_seen(version.snapshot_id)]
    found = [file for file in seen if file.table in (name, stored)]
    if any(file.table == stored for file in held):
        found += [file for file in seen if file.table == f"{editions.SCHEMA}.editions"]
    return tuple(found)


def rows_of(files: Iterable[DataFile], version: Version) -> tuple[tuple[str, int | None], ...]:
    """What tells whether two versions see the same rows of some files: the files, and how far one that is merged is seen."""
    now = version.snapshot_id
    return tuple((f.path, now if f.partial_max is not None and now < f.partial_max else None) for f in files)


def _is_read(
    con: duckdb.DuckDBPyConnection, version: Version, name: str, told: Contents | None, found: Findings
) -> bool:
    """Copy a table of `kept` into memory and compare it with what was recorded; whether it is as it was."""
    place, remedy = f"{name} of version {version.version}", _rebuild([version.version])
    try:
        con.execute(f"create schema if not exists {name.split('.')[0]}")
        con.execute(f"create or replace table {name} as from kept.{name}")
    except duckdb.Error as error:
        found.fault(place, f"cannot be read ({first_line(error)})", remedy)
        return False
    found.tables += 1
    if what := unlike(con, name, told):
        found.fault(place, what, f"restore the lake from a backup; {remedy}")
        return False
    return True


def _rules(
    con: duckdb.DuckDBPyConnection, version: Version, fresh: set[str], there: set[str], is_ours: bool, found: Findings
) -> None:
    """Nulls, bounds, keys and references of the tables in memory that are fresh or refer to a fresh one."""
    for name, shape in all_tables().items():
        targets = {target.rsplit(".", 1)[0] for target in shape.references.values()}
        if name not in there or not fresh & {name, *targets}:
            continue
        columns = [row[0] for row in con.execute(f"describe {name}").fetchall()]
        for line in table_faults(con, name, _narrowed(shape, columns, there)):
            if is_ours:
                found.fault(f"version {version.version}", line, _rebuild([version.version]))
            else:
                found.notes.append(f"version {version.version}, made by other code: {line}")


def _narrowed(shape: Table, columns: Sequence[str], there: set[str]) -> Table:
    """A shape as far as a table of an older version has its columns and the tables it refers to."""
    return Table(
        tuple(c for c in shape.columns if c in columns),
        shape.key if set(shape.key) <= set(columns) else tuple(columns),
        tuple(c for c in shape.required if c in columns),
        {c: t for c, t in shape.references.items() if c in columns and t.rsplit(".", 1)[0] in there},
    )


def _documents(archive: Archive, chosen: list[Version], found: Findings) -> None:
    """Every document the versions are made of lies in the archive, with the bytes of its hash."""
    used: dict[str, list[int]] = {}
    for version in chosen:
        made_of = json.loads(version.manifest)
        listed = [row["document_id"] for row in made_of["documents"]] + made_of.get("identity", [])
        for document_id in dict.fromkeys(listed):
            used.setdefault(document_id, []).append(version.version)
    names = {document.document_id: document for document in archive.documents()}
    for document_id, numbers in used.items():
        found.documents += 1
        document = names.get(document_id)
        called = f"{document.source}/{document.dataset} {document.document_name}" if document else "listed nowhere"
        whose = f"{called}, of version{'s' if len(numbers) > 1 else ''} {spans(numbers)}"
        remedy = "restore it from a backup of the archive, or put the same file there"
        try:
            archive.read(document_id)
        except FileNotFoundError:
            found.fault(archive.path(document_id), f"the document is missing ({whose})", remedy)
        except (ValueError, OSError):
            found.fault(archive.path(document_id), f"the bytes do not match their hash ({whose})", remedy)
        else:
            if document is None:
                found.fault(archive.index, f"has no line of document {document_id}", "restore it from a backup")


def release_faults(folder: Path, expected: Mapping[str, Contents | None]) -> list[Fault]:
    """What is wrong with a release: files that differ from its own list, tables that hold other than was committed."""
    found = Findings()
    remedy = f"`aicompute release {folder.name}` makes the folder again"
    listed = sums.read(folder / sums.NAME)
    for name, digest in listed.items():
        path = folder / name
        try:
            if sums.file_hash(path) != digest:
                found.fault(path, "the file is not as it was released", remedy)
        except OSError:
            found.fault(path, "the file is missing", remedy)
    if listed:
        for name in sorted(set(sums.files(folder)) - set(listed) - {sums.NAME}):
            found.fault(folder / name, "the file was not released", remedy)
    database = folder / "aicompute.duckdb"
    if not found.faults:
        try:
            found.faults += [Fault(f"{database}, {line}", what, remedy) for line, what in _unlike(database, expected)]
        except duckdb.Error as error:
            found.fault(database, f"cannot be read ({first_line(error)})", remedy)
    return found.faults


def _unlike(database: Path, expected: Mapping[str, Contents | None]) -> Iterator[tuple[str, str]]:
    """Tables of a release's database that hold other than was recorded, and how; with nothing recorded all are read."""
    with duckdb.connect(str(database), read_only=True) as con:
        query = "select schema_name || '.' || table_name from duckdb_tables() where not internal"
        there = {name for (name,) in con.execute(query).fetchall()}
        for name in sorted(there | {name for name in expected if release.is_released(name)}):
            if name not in there:
                yield name, "the table is missing"
            elif what := unlike(con, name, expected.get(name)):
                yield name, what


def _newest_release(releases: Path, made: list[Version], wanted: int | None, found: Findings) -> None:
    """The newest version has its release; of older ones folders are kept as long as the setting says."""
    newest = made[-1].version if made else 0
    later = [number for number, _ in release.numbered(releases) if number > newest]
    if made and later:
        what = f"it knows versions up to {newest}, but release {max(later)} is there"
        found.fault("the catalogue", what, "it is an older one: restore a newer one from a backup")
    if made and wanted in (None, newest) and not (releases / str(newest)).exists():
        remedy = f"`aicompute release {newest}` makes it again"
        found.fault(releases / str(newest), "the release is missing", remedy)
