"""Where a lake may lie outside the data directory: its catalogue in PostgreSQL, its data files on an object store."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import duckdb

_SCHEMES = ("postgres", "postgresql")
_KEYWORD = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?=\s|$)")
# A server takes a moment to see that a killed client is gone, and holds its lock until then.
_PATIENCE_SECONDS = 5.0


class LakeError(Exception):
    """The lake cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL database: libpq's words for it without the password, and the password, which is told to nobody."""

    words: str
    password: str = field(default="", repr=False)

    def secret(self, con: duckdb.DuckDBPyConnection) -> str:
        """Tell the password to a connection, for as long as that lives; returns the name of the secret, or nothing."""
        if not self.password:
            return ""
        con.execute(
            f"create or replace temporary secret aicompute_postgres (type postgres, password {_literal(self.password)})"
        )
        return "aicompute_postgres"

    def attach(self, con: duckdb.DuckDBPyConnection, name: str, is_read_only: bool = True) -> None:
        """Attach the database itself, without DuckLake; raises LakeError where it cannot be reached."""
        secret = self.secret(con)
        options = [
            "type postgres",
            *(["read_only"] if is_read_only else []),
            *([f"secret '{secret}'"] if secret else []),
        ]
        try:
            con.execute(f"attach {_literal(self.words)} as {name} ({', '.join(options)})")
        except duckdb.Error as error:
            raise self.unreachable(error) from None

    def unreachable(self, error: Exception) -> LakeError:
        """What is said where the database does not answer or refuses."""
        why = " ".join(str(error).rpartition('": ')[2].split())
        return LakeError(
            f"the catalogue in PostgreSQL ({self.words}) cannot be opened: {why}; start the server or mend AICOMPUTE_CATALOGUE"
        )


@dataclass(frozen=True)
class Store:
    """Where data files lie: a folder, or `s3://bucket/prefix` with its endpoint, region and key."""

    path: str
    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)

    @property
    def is_remote(self) -> bool:
        """Whether it is an object store."""
        return "://" in self.path

    def open(self, con: duckdb.DuckDBPyConnection) -> None:
        """Tell endpoint and key to a connection, for as long as that lives."""
        address = urlsplit(self.endpoint if "://" in self.endpoint else f"https://{self.endpoint}")
        options = {"key_id": self.key_id, "secret": self.secret, "region": self.region, "endpoint": address.netloc}
        told = [f"{name} {_literal(value)}" for name, value in options.items() if value]
        # Stores at an endpoint of their own have no domain for each bucket.
        told += ["url_style 'path'", f"use_ssl {address.scheme != 'http'}"] if self.endpoint else []
        con.execute(f"create or replace temporary secret aicompute_store (type s3{''.join(f', {t}' for t in told)})")


def tables(con: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """The tables that DuckLake keeps in an attached database."""
    query = "select table_name from duckdb_tables() where database_name = ? and starts_with(table_name, 'ducklake_')"
    return {name for (name,) in con.execute(query, [database]).fetchall()}


def replace_rows(con: duckdb.DuckDBPyConnection, source: str, target: str, also: str = "") -> None:
    """Put the rows of an attached catalogue in place of all of another's, in one transaction with a last statement.

    Raises LakeError where a table is unknown to the target.
    """
    copied, there = sorted(tables(con, source)), sorted(tables(con, target))
    if missing := sorted(set(copied) - set(there)):
        raise LakeError(f"the catalogue was made by another DuckLake: {missing[0]} is unknown to this one")
    con.execute("begin")
    for table in there:
        con.execute(f"delete from {target}.{table}")
    for table in copied:
        con.execute(f"insert into {target}.{table} by name from {source}.{table}")
    if also:
        con.execute(also)
    con.execute("commit")


def postgres(text: str) -> Postgres:
    """A database from a URL (`postgresql://…`) or libpq's keywords (`host=… dbname=…`); raises LakeError for anything else."""
    text = text.strip()
    if text.partition("://")[0] in _SCHEMES and "://" in text:
        return _from_url(text)
    words, at = {}, 0
    while at < len(text):
        found = _KEYWORD.match(text, at)
        if not found:
            raise LakeError(
                "AICOMPUTE_CATALOGUE cannot be read: a URL (postgresql://user@host/database) or keywords"
                " (host=… dbname=… user=…) were expected"
            )
        words[found[1]] = found[2]
        at = found.end()
    password = words.pop("password", "")
    bare = re.sub(r"\\(.)", r"\1", password[1:-1] if password.startswith("'") else password)
    return Postgres(" ".join(f"{name}={value}" for name, value in words.items()), bare)


def _from_url(text: str) -> Postgres:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise LakeError("AICOMPUTE_CATALOGUE cannot be read: its URL is malformed") from None
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    password = asked.pop("password", unquote(password))
    netloc = f"{name}@{place}" if name else place
    return Postgres(urlunsplit(("postgresql", netloc, parts.path, urlencode(asked, quote_via=quote), "")), password)


@contextmanager
def held(con: duckdb.DuckDBPyConnection, database: Postgres) -> Iterator[None]:
    """The one writer's lock of a database, whatever machine asks; raises LakeError where another run holds it.

    It is an advisory lock of a transaction that stays open: the server gives it back when this connection ends.
    """
    database.attach(con, "locks", is_read_only=False)
    until = time.monotonic() + _PATIENCE_SECONDS
    con.execute("begin")
    ask = "select pg_try_advisory_xact_lock(hashtextextended(''aicompute writer'', 0))"
    while not con.execute(f"from postgres_query('locks', '{ask}')").fetchall()[0][0]:
        if time.monotonic() > until:
            raise LakeError(
                f"another run is writing to the catalogue in PostgreSQL ({database.words}); wait for it to end"
            )
        time.sleep(0.05)
    try:
        _settle(con)
        yield
    finally:
        con.close()


def _settle(con: duckdb.DuckDBPyConnection) -> None:
    """Wait for a commit that a killed run sent: the server carries it out although nobody is there to hear of it."""
    lock = "if to_regclass('ducklake_snapshot') is not null then lock table ducklake_snapshot in share mode; end if;"
    with con.cursor() as other:
        other.execute("begin")
        other.execute(f"call postgres_execute('locks', {_literal(f'do $$ begin {lock} end $$')})")
        other.execute("rollback")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
