"""A catalogue in PostgreSQL, data files elsewhere: settings, secrets, locks, moving. test_publish runs on both catalogues."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import duckdb
import publisher
import pytest

from flows.cli import main
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import catalogue, lake
from warehouse.move import move

SECRET = "s3 c'r@t\\"


def test_a_password_is_kept_apart_from_the_words_that_are_told():
    quoted = SECRET.replace("\\", "\\\\").replace("'", "\\'")
    found = catalogue.postgres(f"host=db.example port = 5433 password='{quoted}' dbname='my lake' user=me")
    assert found.words == "host=db.example port=5433 dbname='my lake' user=me"
    assert found.password == SECRET and SECRET not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://me:{}@db.example:5433/lake?sslmode=require",
        "postgresql://me@db.example:5433/lake?sslmode=require&password={}",
    ],
)
def test_a_password_in_a_url_is_kept_apart(url):
    found = catalogue.postgres(url.format("s3%20c%27r%40t%5C"))
    assert found.words == "postgresql://me@db.example:5433/lake?sslmode=require"
    assert found.password == SECRET


@pytest.mark.parametrize("words", ["s3cret", "host=db password='s3cret", "mysql://me:s3cret@db/lake"])
def test_a_setting_that_is_no_database_is_one_sentence(words, tmp_path):
    settings = Settings(data_dir=tmp_path, catalogue=words)
    with pytest.raises(lake.LakeError, match="AICOMPUTE_CATALOGUE cannot be read") as caught:
        settings.lake.exists()
    assert "s3cret" not in f"{caught.value}{settings!r}"


def test_where_data_files_lie(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Settings(data_dir="d").lake.data == f"{tmp_path}/d/lake/data/"
    assert Settings(data_dir="d", lake_data="elsewhere/").lake.data == f"{tmp_path}/elsewhere/"
    remote = Settings(data_dir="d", lake_data="s3://bucket/prefix/", s3_secret="s3cret").lake
    assert remote.data == "s3://bucket/prefix/" and "s3cret" not in repr(remote)


def test_a_server_that_does_not_answer_is_one_sentence_without_the_password(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AICOMPUTE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AICOMPUTE_CATALOGUE", f"postgresql://me:s3cret@localhost/lake?host={tmp_path}")
    monkeypatch.setattr("sys.argv", ["aicompute", "run", "--plain"])
    with pytest.raises(SystemExit) as caught:
        main()
    said = capsys.readouterr().err
    assert caught.value.code == 1 and len(said.splitlines()) == 1
    assert "start the server or mend AICOMPUTE_CATALOGUE" in said
    told = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.jsonl"))
    assert "s3cret" not in said + told


@pytest.fixture
def database(postgres_server) -> str:
    return postgres_server.database()


def published(settings: Settings, count: int) -> RunLog:
    """A warehouse of so many small versions."""
    log = RunLog(settings.log_file)
    for number in range(count):
        publisher.publish(settings, log, random.Random(number))
    return log


@pytest.mark.slow
def test_a_second_writer_is_told_whatever_its_folder(tmp_path, database):
    one, other = (Settings(data_dir=tmp_path / name, catalogue=database).lake for name in ("one", "other"))
    told = pytest.raises(lake.LakeError, match=r"another run is writing to the catalogue in PostgreSQL \(host=")
    with lake.writer(one), told, lake.writer(other):
        pass
    with lake.writer(other):
        pass


@pytest.fixture
def no_page(monkeypatch):
    monkeypatch.setattr("warehouse.page.build.write", lambda database, file: None)


@pytest.mark.slow
def test_a_warehouse_moves_with_all_its_versions(tmp_path, database, no_page, monkeypatch, capsys):
    old = Settings(data_dir=tmp_path / "data")
    published(old, 4)
    before = old.lake.file.read_bytes()
    monkeypatch.setenv("AICOMPUTE_DATA_DIR", str(old.folder))
    monkeypatch.setattr("sys.argv", ["aicompute", "warehouse", "move", f"{database} password=s3cret"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 0 and "4 versions moved" in said.out and "s3cret" not in said.out + said.err
    assert f"AICOMPUTE_CATALOGUE='{database}'" in said.out
    assert old.lake.file.read_bytes() == before
    new = Settings(data_dir=old.data_dir, catalogue=database)
    assert everything(new) == everything(old)
    published(new, 1)
    assert publisher.check_lake(new, 5)[-1].version == 5
    assert publisher.check_release(new, new.latest) == 5
    with pytest.raises(lake.LakeError, match="has versions already; name an empty database"):
        move(old.lake, new.lake)


@pytest.mark.slow
def test_data_files_move_to_another_folder(tmp_path, database, no_page):
    old = Settings(data_dir=tmp_path / "data")
    published(old, 2)
    new = Settings(data_dir=old.data_dir, catalogue=database, lake_data=str(tmp_path / "shared"))
    move(old.lake, new.lake)
    (old.lake.folder / "data").rename(tmp_path / "gone")
    assert publisher.check_lake(new, 2)[-1].version == 2
    published(new, 1)
    assert publisher.check_lake(new, 3)[-1].version == 3


@pytest.mark.slow
def test_a_copy_that_differs_is_undone(tmp_path, database, no_page, monkeypatch):
    old = Settings(data_dir=tmp_path / "data")
    published(old, 2)
    new = Settings(data_dir=old.data_dir, catalogue=database, lake_data=str(tmp_path / "shared"))
    shutil_copy = "warehouse.move.shutil.copyfile"

    def other_bytes(source, goal):
        """A copy whose first table is that of another version."""
        files = sorted(Path(source).parent.iterdir())
        Path(goal).write_bytes(files[0].read_bytes())

    monkeypatch.setattr(shutil_copy, other_bytes)
    with pytest.raises((lake.LakeError, duckdb.Error)):
        move(old.lake, new.lake)
    monkeypatch.undo()
    assert not new.lake.exists()
    assert len(move(old.lake, new.lake)) == 2


def everything(settings: Settings) -> dict:
    """What each table held at each version, and the versions themselves."""
    found: dict = {}
    with duckdb.connect(config=publisher.UNSIGNED) as con:
        lake.attach(con, settings.lake)
        found["versions"] = lake.versions(con)
        for version in found["versions"]:
            con.execute("detach lake")
            lake.attach(con, settings.lake, version.snapshot_id)
            for name, shape in publisher.tables().items():
                found[version.version, name] = lake.contents(con, f"lake.{name}", shape.columns)
    return found


@pytest.mark.slow
def test_the_whole_command_on_postgresql(tmp_path, database):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AICOMPUTE_")}
    where = {"AICOMPUTE_DATA_DIR": str(tmp_path / "data"), "AICOMPUTE_CATALOGUE": f"{database} password=s3cret"}
    done = subprocess.run(
        [sys.executable, "-m", "flows", "run", "--json"], env=kept | where, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert Settings(data_dir=tmp_path / "data", catalogue=database).lake.exists()
    for path in [p for p in (tmp_path / "data").rglob("*") if p.is_file() and not p.is_symlink()]:
        assert b"s3cret" not in path.read_bytes(), path
