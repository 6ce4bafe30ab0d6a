"""`aicompute …`: run the pipeline, and ask any version without being able to change it."""

from __future__ import annotations

import sys

from flows import cli_gather, cli_query, cli_versions  # noqa: F401  (their commands are registered in this order)
from flows.terminal import app, settings_or_exit


def main() -> None:
    """Entry point: 0 done or nothing new, 1 failed, 2 wrong usage; an error is one sentence on standard error."""
    try:
        app()
    except BrokenPipeError:
        sys.exit(0)
    except _plain_faults() as error:
        print(f"aicompute: {_sentence(error) or error}", file=sys.stderr)
        sys.exit(2 if type(error).__name__ == "SettingsFault" else 1)
    except Exception as error:
        if words := _sentence(error):
            print(f"aicompute: {words}", file=sys.stderr)
            sys.exit(1)
        sys.exit(_unexpected(error))


def _plain_faults() -> tuple[type[Exception], ...]:
    """What a disk, a full one too, and settings bring about: no fault of the program."""
    import sqlite3

    from flows.sources import SettingsFault
    from warehouse.lake import LakeError

    return OSError, sqlite3.Error, SettingsFault, LakeError


def _sentence(error: Exception) -> str | None:
    from warehouse import faults

    return faults.sentence(error)


def _unexpected(error: Exception) -> int:
    """A fault of ours: one line for the user, the traceback in the log for whoever mends it."""
    import traceback
    from contextlib import suppress

    from flows.runlog import RunLog

    words = (str(error).splitlines() or [""])[0]
    print(f"aicompute: a fault in the program: {type(error).__name__}: {words}", file=sys.stderr)
    with suppress(OSError):
        log = settings_or_exit().log_file
        RunLog(log).write("fault", traceback=traceback.format_exception(error))
        print(f"the details are the last line of {log}", file=sys.stderr)
    return 1
