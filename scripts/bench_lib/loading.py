"""P3 and P4: the inventory validated, loaded, indexed and queryable.

P3: into SQLite, against `.import` of text by its shell, without a journal. P4: into PostgreSQL, against `\\copy`.
"""
from . import reference_load
from .database import Sluice, prepare_tables
from .measure import Turns, run, seconds_of, settle


def p3(options, data, folder, database):
    prepare_tables(data, database.url("tables"))
    turns, peak, size, reference_size = Turns(), 0, 0, 0
    for _ in range(options.runs):
        database.copy("tables", "turn")
        settle()
        done = run(Sluice(database.url("turn")).command("import", "inventory", data / "inventory.csv"))
        turns.add("sluice on SQLite", done.seconds)
        peak, size = max(peak, done.peak), database.size("turn")
        database.drop("turn")
        settle()
        turns.add("sqlite3 .import", seconds_of(reference_load.sqlite, data / "inventory.csv", folder / "text.db"))
        reference_size = (folder / "text.db").stat().st_size
        (folder / "text.db").unlink()
    print(f"P3  {options.installations:,} installations")
    turns.table()
    print(f"  files {size / 1e6:.0f} MB and {reference_size / 1e6:.0f} MB, peak memory {peak:.0f} MiB")
    turns.judge("P3", "time, sluice / sqlite3", "sluice on SQLite", "sqlite3 .import", 0.5)
    told = "met" if size <= 0.6 * reference_size else "not met"
    print(f"P3  file, sluice / sqlite3: {size / reference_size:.2f}; goal 0.6 or less: {told}")


def p4(options, data, _, database):
    database.create("tables")
    prepare_tables(data, database.url("tables"))
    turns, peak = Turns(), 0
    for _ in range(options.runs):
        database.copy("tables", "turn")
        settle()
        done = run(Sluice(database.url("turn")).command("import", "inventory", data / "inventory.csv"))
        turns.add("sluice on PostgreSQL", done.seconds)
        peak = max(peak, done.peak)
        database.create("turn")
        settle()
        taken = seconds_of(reference_load.postgres, data / "inventory.csv", database.url("turn"))
        turns.add("psql \\copy", taken)
        database.drop("turn")
    print(f"P4  {options.installations:,} installations")
    turns.table()
    print(f"  peak memory of sluice {peak:.0f} MiB")
    turns.judge("P4", "time, sluice / psql", "sluice on PostgreSQL", "psql \\copy", 1.2)
