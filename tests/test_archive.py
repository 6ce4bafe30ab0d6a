"""The archive: bytes once, in order of arrival, never changed, and whole again after a crash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.archive import Archive, content_hash

DAY, LATER = dt.date(2025, 6, 20), dt.date(2025, 11, 3)
# SHA-256 of the three bytes "abc": FIPS 180-2, appendix B.1.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


def files(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive.folder.rglob("*") if path.is_file())


def test_a_document_is_known_by_the_hash_of_its_bytes(archive):
    document = archive.put("epoch", "models", "models.csv", b"abc", DAY)
    assert document.document_id == content_hash(b"abc") == ABC
    assert archive.read(ABC) == b"abc"
    assert (document.source, document.dataset, document.document_name) == ("epoch", "models", "models.csv")
    assert (document.bytes, document.as_of_on, document.archive_order) == (3, DAY, 1)


def test_the_same_bytes_again_change_nothing(archive):
    first = archive.put("epoch", "models", "models.csv", b"abc", DAY)
    index, there = archive.index.read_bytes(), files(archive)
    assert archive.put("epoch", "models", "another name.csv", b"abc", DAY) == first
    assert archive.index.read_bytes() == index
    assert files(archive) == there
    assert archive.documents() == [first]


def test_the_same_bytes_as_two_datasets_are_two_documents_and_one_file(archive):
    archive.put("epoch", "models", "a.csv", b"abc", DAY)
    archive.put("epoch", "chips", "a.csv", b"abc", DAY)
    assert [d.dataset for d in archive.documents()] == ["models", "chips"]
    assert files(archive) == sorted([ABC, "index.jsonl"])


def test_order_is_the_order_of_arrival_whatever_the_dates(archive):
    for name, as_of_on in (("c", LATER), ("a", DAY), ("b", dt.date(2020, 1, 1))):
        archive.put("epoch", "models", name, name.encode(), as_of_on)
    again = Archive(archive.folder).documents()
    assert [(d.document_name, d.archive_order) for d in again] == [("c", 1), ("a", 2), ("b", 3)]


def test_another_as_of_date_is_one_more_line_and_the_newest_stands(archive):
    first = archive.put("epoch", "models", "models.csv", b"abc", DAY)
    archive.put("epoch", "models", "chips.csv", b"def", DAY)
    moved = archive.put("epoch", "models", "models.csv", b"abc", LATER)
    assert moved.as_of_on == LATER
    assert (moved.archive_order, moved.first_received_on) == (first.archive_order, first.first_received_on)
    assert [d.as_of_on for d in archive.documents()] == [LATER, DAY]
    lines = [json.loads(line) for line in archive.index.read_text().splitlines()]
    assert [line["as_of_on"] for line in lines] == ["2025-06-20", "2025-06-20", "2025-11-03"]


def test_an_index_line_cut_short_by_a_crash_is_passed_over_and_mended(archive):
    archive.put("epoch", "models", "a.csv", b"a", DAY)
    archive.put("epoch", "models", "b.csv", b"b", DAY)
    whole = archive.index.read_bytes()
    archive.index.write_bytes(whole[:-20])
    archive = Archive(archive.folder)
    assert [d.document_name for d in archive.documents()] == ["a.csv"]
    archive.put("epoch", "models", "c.csv", b"c", DAY)
    archive.put("epoch", "models", "b.csv", b"b", DAY)
    assert [(d.document_name, d.archive_order) for d in archive.documents()] == [
        ("a.csv", 1),
        ("c.csv", 2),
        ("b.csv", 3),
    ]


def test_a_lost_last_line_end_does_not_glue_two_lines(archive):
    archive.put("epoch", "models", "a.csv", b"a", DAY)
    archive.index.write_bytes(archive.index.read_bytes().rstrip(b"\n"))
    archive.put("epoch", "models", "b.csv", b"b", DAY)
    assert [d.document_name for d in archive.documents()] == ["a.csv", "b.csv"]


def test_bytes_without_an_index_line_are_no_document_until_they_come_again(archive):
    """A crash between writing the bytes and the line leaves a file nobody lists; the next arrival lists it."""
    path = archive.folder / ABC[:2] / ABC
    path.parent.mkdir(parents=True)
    path.write_bytes(b"abc")
    assert archive.documents() == []
    assert archive.put("epoch", "models", "a.csv", b"abc", DAY).document_id == ABC
    assert len(archive.documents()) == 1


def test_tampered_bytes_are_an_error_that_names_the_file(archive):
    archive.put("epoch", "models", "a.csv", b"abc", DAY)
    path = next(path for path in archive.folder.rglob(ABC))
    path.write_bytes(b"abd")
    with pytest.raises(ValueError, match=ABC):
        archive.read(ABC)


def test_a_document_that_is_gone(archive):
    with pytest.raises(FileNotFoundError):
        archive.read(ABC)


def test_no_half_written_file_is_left(archive):
    archive.put("epoch", "models", "a.csv", b"x" * 100_000, DAY)
    assert not list(archive.folder.rglob("*.partial"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.lists(st.binary(max_size=20), max_size=8), names=st.lists(st.text(max_size=8), min_size=8, max_size=8)
)
def test_any_arrivals_are_kept_once_in_order(tmp_path_factory, contents, names):
    archive = Archive(tmp_path_factory.mktemp("archive"))
    for name, content in zip(names, contents, strict=False):
        archive.put("epoch", "models", name.encode("utf-8", "ignore").decode(), content, DAY)
    distinct = list(dict.fromkeys(contents))
    found = archive.documents()
    assert [archive.read(d.document_id) for d in found] == distinct
    assert [d.document_id for d in found] == [hashlib.sha256(content).hexdigest() for content in distinct]
    assert [d.archive_order for d in found] == list(range(1, len(distinct) + 1))


@pytest.mark.parametrize(
    "name", ["two\u2028lines.csv", "next\x85line.csv", "line\nend.csv", 'quo"te.csv', "日本語.csv"]
)
def test_a_file_name_cannot_break_the_index(archive, name):
    archive.put("epoch", "models", name, b"abc", DAY)
    archive.put("epoch", "models", "b.csv", b"b", DAY)
    assert [d.document_name for d in archive.documents()] == [name, "b.csv"]


def test_a_crash_inside_a_letter_loses_that_line_alone(archive):
    archive.put("epoch", "models", "a.csv", b"a", DAY)
    archive.put("epoch", "models", "日本語.csv", b"b", DAY)
    whole = archive.index.read_bytes()
    archive.index.write_bytes(whole[: whole.index("本".encode()) + 1])
    archive = Archive(archive.folder)
    assert [d.document_name for d in archive.documents()] == ["a.csv"]
    archive.put("epoch", "models", "日本語.csv", b"b", DAY)
    assert [d.document_name for d in archive.documents()] == ["a.csv", "日本語.csv"]
