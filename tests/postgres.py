"""A throw-away PostgreSQL server of Debian's binaries, in a folder of its own, reached by a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

MISSING = "no PostgreSQL server is installed (initdb, pg_ctl); Debian's package is postgresql"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version there is; None without."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: float(f.parent.name), reverse=True)
    found = shutil.which("initdb")
    for folder in [*folders, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


class Server:
    """A running server; `database()` makes a new one in it."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        # Not pytest's folder: its path may be longer than a socket's may be, and only root may enter it.
        self.folder = Path(tempfile.mkdtemp(prefix="aicompute-pg-", dir="/tmp"))
        self.names = count(1)
        self.owner = next((n for n in ("postgres", "nobody") if _is_user(n)), "") if os.getuid() == 0 else ""
        if self.owner:
            shutil.chown(self.folder, self.owner)
        self.call("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "aicompute", "-E", "UTF8", "--no-sync")
        # The server itself is never killed here, so what it wrote need not be on disk.
        options = f"-c listen_addresses='' -c fsync=off -c unix_socket_directories='{self.folder}'"
        self.call("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def call(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL's, never as root: it refuses."""
        command = [str(self.programs / program), *arguments]
        user = {"user": self.owner, "group": pwd.getpwnam(self.owner).pw_gid, "extra_groups": []} if self.owner else {}
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        done = subprocess.run(command, cwd=self.folder, text=True, **streams, **user)
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def database(self) -> str:
        """A new database of this server alone."""
        name = f"warehouse_{next(self.names)}"
        self.call("createdb", "-h", str(self.folder), "-U", "aicompute", name)
        return f"host={self.folder} dbname={name} user=aicompute"

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.call("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def _is_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False
