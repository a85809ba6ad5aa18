"""The references of P3 and P4: the inventory loaded as text into a table with three indexes, and nothing checked."""
import subprocess

COLUMNS = ["chf", "s1sp", "cohort", "dmc", "esme", "mpan", "electricity_mpid", "electricity_status"]
COLUMNS += ["gsme", "mprn", "gas_mpid", "gas_status"]
TABLE = f"CREATE TABLE inventory ({', '.join(f'{column} text' for column in COLUMNS)});"
INDEXES = """
CREATE UNIQUE INDEX inventory_chf ON inventory (chf);
CREATE INDEX inventory_mpan ON inventory (mpan);
CREATE INDEX inventory_mprn ON inventory (mprn);
"""


def sqlite(inventory, database):
    """The shell of SQLite, without a journal and without waiting for the disk."""
    script = f"PRAGMA journal_mode = off;\nPRAGMA synchronous = off;\n{TABLE}\n.mode csv\n"
    script += f".import --skip 1 {inventory} inventory\n{INDEXES}"
    subprocess.run(["sqlite3", database], input=script, text=True, check=True, capture_output=True)


def postgres(inventory, url):
    """psql, with the server's own settings."""
    script = f"{TABLE}\n\\copy inventory FROM '{inventory}' (FORMAT csv, HEADER)\n{INDEXES}"
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url]
    subprocess.run(command, input=script, text=True, check=True, capture_output=True)
