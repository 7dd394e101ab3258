"""Many rows at once: the same rows and the same errors, however many, on either database."""

import subprocess
import sys

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from radar_server.bulk import COPY_ROWS, SQLITE_ROWS, insert, insert_missing, upsert
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.tables import DeviceRow, TouchRow

COUNTS = [0, 1, COPY_ROWS - 1, COPY_ROWS, SQLITE_ROWS, SQLITE_ROWS + 1, 2 * SQLITE_ROWS + 3]
TEXTS = ["水泵 😀", "tab\tand\nline", "\\N", "", "x" * 2000]


def touches(count: int) -> list[tuple[object, ...]]:
    return [("HV", f"r{n}", TEXTS[n % len(TEXTS)][:90], "E", 2**62 + n) for n in range(count)]


def stored(centre: Centre) -> list[tuple[object, ...]]:
    wanted = select(*TouchRow.__table__.columns)  # type: ignore[attr-defined]
    with reading(centre.engine) as connection:
        return sorted(tuple(row) for row in connection.execute(wanted))


@pytest.mark.parametrize("count", COUNTS)
def test_any_number_of_rows_is_inserted_as_it_is(centre: Centre, count: int) -> None:
    with writing(centre.engine) as connection:
        insert(connection, TouchRow, touches(count))
    assert stored(centre) == sorted(touches(count))


@pytest.mark.parametrize("count", [COPY_ROWS, SQLITE_ROWS + 1])
def test_missing_rows_are_added_to_those_there_are(centre: Centre, count: int) -> None:
    with writing(centre.engine) as connection:
        insert(connection, TouchRow, touches(3))
        insert_missing(connection, TouchRow, touches(count))
    assert stored(centre) == sorted(touches(count))


@pytest.mark.parametrize("count", [1, COPY_ROWS, SQLITE_ROWS + 1])
def test_nothing_and_bytes_come_back_as_they_were(centre: Centre, count: int) -> None:
    rows = [
        (f"D{n}", "G1", bytes([0, 255, n % 256]), "水", n, None, 2**60, "") for n in range(count)
    ]
    with writing(centre.engine) as connection:
        insert(connection, DeviceRow, rows)
        upsert(connection, DeviceRow, [(*row[:3], "again", *row[4:]) for row in rows])
    wanted = select(
        col(DeviceRow.public_key), col(DeviceRow.name), col(DeviceRow.revoked_ms)
    ).order_by(col(DeviceRow.enrolled_ms))
    with reading(centre.engine) as connection:
        found = [tuple(row) for row in connection.execute(wanted)]
    assert found == [(row[2], "again", None) for row in rows]


@pytest.mark.parametrize("count", [2, COPY_ROWS, SQLITE_ROWS + 1])
def test_a_key_that_is_there_already_is_one_kind_of_error(centre: Centre, count: int) -> None:
    rows = touches(count)
    with pytest.raises(IntegrityError), writing(centre.engine) as connection:
        insert(connection, TouchRow, [*rows, rows[0]])
    assert stored(centre) == []


def test_the_driver_of_postgresql_is_not_loaded_before_it_is_needed() -> None:
    asked = "import sys, radar_server.http, radar_server.admin; print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]
