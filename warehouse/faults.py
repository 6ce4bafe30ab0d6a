"""What a full or read-only disk, a damaged file or a lost server does to a run, as a sentence that says what to do."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.catalogue import LakeError

KEPT = "the last version stays as it was"
_FULL = "the disk is full or the file may not grow: make room and run again"
_REFUSED = "writing is refused: make the folder and its files writable for this user and run again"
DAMAGED = "a file of the warehouse is damaged or gone: restore it from a backup and run again"
_CODES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _REFUSED,
    errno.EPERM: _REFUSED,
    errno.EROFS: _REFUSED,
}
# What the system, SQLite, DuckDB and libpq say; the first that is found decides.
_WORDS = {
    r"no space left|disk is full|file too large|disk quota|could not write all bytes": _FULL,
    r"permission denied|read-only file system|readonly database|operation not permitted|failed to create directory"
    r"|unable to open database file": _REFUSED,
    r"server closed the connection|connection to server|terminating connection|connection refused|SSL SYSCALL": (
        "PostgreSQL does not answer any more: see that it runs and run again"
    ),
    # SQLite ends a transaction itself where it cannot write, and DuckLake tells of its own rollback only.
    r"cannot rollback - no transaction is active": "the catalogue cannot be written, as on a full disk: make room and run again",
    r"disk i/o error": "the disk does not read or write, or a file may not grow: see that it is whole, make room and run again",
    r"malformed|not a database|magic bytes|no such file|file is too small|footer|snappy|zstd|corrupt|thrift|invalid input for"
    r"|unexpected end|out of range of file|failed to read|could not read": DAMAGED,
}
# A query that DuckDB does not understand is no fault of a disk, whatever words are in it.
_OURS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.ConversionException)


def first_line(error: BaseException) -> str:
    """The first line of what an error says; its kind where it says nothing."""
    return (str(error) or type(error).__name__).splitlines()[0]


def advice(error: BaseException) -> str | None:
    """What to do about a fault that disks, files and servers bring about; None where it is the program's own."""
    if isinstance(error, OSError):
        return _CODES.get(error.errno or 0)
    if isinstance(error, duckdb.Error) and not isinstance(error, _OURS):
        return next((what for said, what in _WORDS.items() if re.search(said, str(error), re.IGNORECASE)), None)
    return None


def sentence(error: BaseException) -> str | None:
    """Such a fault in one sentence: what to do, that nothing is lost, and what the system said; None for any other."""
    what = advice(error)
    if what is None:
        return None
    if isinstance(error, OSError):
        return f"{error.filename or 'the data directory'}: {what}; {KEPT} ({error.strerror})"
    return f"{what}; {KEPT} ({' '.join(str(error).split())[:400]})"


@contextmanager
def told() -> Iterator[None]:
    """Such faults as LakeError; any other error passes as it is."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        words = sentence(error)
        if words is None:
            raise
        raise LakeError(words) from error
