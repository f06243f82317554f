"""A PostgreSQL server of Debian's package for the length of a test run: an ordinary user's, in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from nbgrader.api import Base, Gradebook
from scratch import OPEN
from sqlalchemy import create_engine, delete, insert, inspect, select

from autograder.course.configure import programs_on_path

_VERSIONS = Path("/usr/lib/postgresql")
_OWNERS = ("postgres", "nobody")  # who it runs as where we are root, whom it refuses
_ADMIN = "postgres"


class Server:
    """A running server, reached by a socket in its folder and by no network."""

    def __init__(self, folder: Path):
        self._folder = folder

    def create(self, name: str) -> str:
        """Create an empty database and return its address as nbgrader takes it."""
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{_ADMIN}@/{name}?host={self._folder}"

    def cut_connections(self, name: str) -> None:
        """End everybody's connections to a database."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def execute(self, statement: str) -> None:
        """Run a statement as the server's owner."""
        with psycopg.connect(host=str(self._folder), user=_ADMIN, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[Server]:
    """Start a server; it ends, and its folder goes, with the block."""
    programs = max(_VERSIONS.glob("*/bin"), key=lambda path: float(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=OPEN))  # short: the socket's path may have 100 characters
    before = _as_owner(folder)
    control = [*before, str(programs / "pg_ctl"), "--pgdata", str(folder / "data"), "--silent"]
    initdb = [str(programs / "initdb"), "--username", _ADMIN, "--auth", "trust", "--no-sync", str(folder / "data")]
    try:
        _run([*before, *initdb])
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run([*control, "--wait", "--log", str(folder / "log"), "--options", options, "start"])
        try:
            yield Server(folder)
        finally:
            _run([*control, "--mode", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _as_owner(folder: Path) -> list[str]:
    if os.getuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    owner = next(pwd.getpwnam(name) for name in _OWNERS if name in names)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return ["setpriv", "--reuid", str(owner.pw_uid), "--regid", str(owner.pw_gid), "--clear-groups"]


def copy_gradebook(source: str, target: str) -> None:
    """Copy what a gradebook holds into an empty database."""
    programs_on_path()
    Gradebook(target).close()  # nbgrader makes its tables
    ours, theirs = create_engine(source), create_engine(target)
    known = inspect(ours).get_table_names()
    with ours.connect() as reading, theirs.begin() as writing:
        for table in reversed(Base.metadata.sorted_tables):
            writing.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in reading.execute(select(table))] if table.name in known else []
            if rows:
                writing.execute(insert(table), rows)
