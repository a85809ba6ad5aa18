"""The reference of P2: the work of an authorisation file by DuckDB, as durable as ours.

    python reference_duckdb.py INVENTORY MA OUT

Loads the inventory and says so. Then, for every line on its input, it stores MA with its digest, checks it against the
inventory in one query, stores a verdict for each row, brings that to the disk, and writes the response OUT; it prints the
seconds of each turn. Two threads.
"""
import hashlib
import os
import sys
import time
from pathlib import Path

import duckdb

# The codes of form, of repetition and of the inventory, as far as a query without the calendar, the EPCL, allocations
# and registrations can tell them.
CHECKS = [
    ("MA102", "NOT regexp_matches(m.mpan, '^[0-9]{13}$')"),
    ("MA103", "NOT regexp_matches(m.mprn, '^[0-9]{6,10}$')"),
    ("MA104", "NOT regexp_matches(m.chf, '^([0-9A-F]{2}-){7}[0-9A-F]{2}$')"),
    ("MA105", "try_cast(m.day AS DATE) IS NULL"),
    ("MA107", "t.times > 1"),
    ("MA108", "i.chf IS NULL"),
    ("MA109", "i.mpan <> m.mpan OR i.mprn <> m.mprn"),
    ("MA111", "i.electricity_mpid <> 'S001'"),
]
NAMES = ["chf", "s1sp", "cohort", "dmc", "esme", "mpan", "electricity_mpid", "electricity_status"]
NAMES += ["gsme", "mprn", "gas_mpid", "gas_status"]
ASKED = ["mpan", "mprn", "chf", "day", "action", "critical_supplier", "priority", "reference"]


def read_csv(path, names):
    return f"read_csv('{path}', header = true, all_varchar = true, names = {names})"


def check(path):
    cases = ", ".join(f"CASE WHEN {condition} THEN '{code}' END" for code, condition in CHECKS)
    return f"""
        CREATE OR REPLACE TABLE verdict AS
            WITH m AS (SELECT row_number() OVER () + 1 AS line, * FROM {read_csv(path, ASKED)}),
            t AS (SELECT chf, count(*) AS times FROM m GROUP BY chf)
            SELECT m.line AS "Row", m.mpan AS "Import MPAN", m.mprn AS "MPRN", m.chf AS "CHF Device ID",
                m.day AS "Migration Date", m.action AS "Action", m.reference AS "Supplier Reference",
                concat_ws(' ', {cases}) AS "Codes"
            FROM m LEFT JOIN inventory i ON i.chf = m.chf LEFT JOIN t ON t.chf = m.chf
            ORDER BY m.line
    """


def turn(database, path, out):
    content = Path(path).read_bytes()
    database.execute("CREATE OR REPLACE TABLE received (digest BLOB, content BLOB)")
    database.execute("INSERT INTO received VALUES (?, ?)", [hashlib.sha256(content).digest(), content])
    database.execute(check(path))
    database.execute("CHECKPOINT")
    database.execute(f"COPY (FROM verdict ORDER BY \"Row\") TO '{out}' (HEADER)")
    with open(out, "rb") as response:
        os.fsync(response.fileno())


def main():
    inventory, path, out = sys.argv[1:]
    Path(f"{out}.duckdb").unlink(missing_ok=True)
    database = duckdb.connect(f"{out}.duckdb")
    database.execute("SET threads = 2")
    database.execute(f"CREATE TABLE inventory AS SELECT * FROM {read_csv(inventory, NAMES)}")
    print("loaded", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        turn(database, path, out)
        print(time.perf_counter() - began, flush=True)


main()
