"""Makes a long log, to measure the check of it: rows whose digests and leaves fit, of acts that took over and issued nothing.

Run: SLUICE=path/to/sluice python -m tests.database.long_log FILE ROWS, then: time sluice audit verify --database sqlite:FILE
"""

import hashlib
import sqlite3
import subprocess
import sys

from tests.files.kit import sluice_path

from . import record

DETAIL = '{"by":{"name":"console","role":"OPERATOR","party":null},"act":{"name":"clerk","role":"OBSERVER","party":null}}'
BATCH = 10_000
ACCOUNT = hashlib.sha256(record.fields(b"sluice actor", b"console")).digest()[:16]


def row(seq, salt):
    files = record.file_salt(salt)
    made = {"seq": seq, "at": 1622534400000 + seq, "actor": "", "kind": "user-add", "rulebook": "", "format": 2}
    made |= {"account": ACCOUNT, "engine": 1, "program": "0.1.0"}
    made["detail_digest"] = record.salted(salt, b"details", DETAIL.encode())
    made["input_digest"] = record.salted(files, b"inputs")
    made["outcome_digest"] = record.salted(salt, b"outcome", b"null")
    made["issued_digest"] = record.salted(files, b"issued")
    return {**made, "leaf": record.leaf(made)}


def main(file, rows):
    now = "2021-06-01T09:00:00+01:00"
    subprocess.run([sluice_path(), "init", "--simulated", "--now", now, "--database", f"sqlite:{file}"], check=True)
    database = sqlite3.connect(file)
    for first in range(1, rows + 1, BATCH):
        salted = [(seq, seq.to_bytes(16, "big")) for seq in range(first, min(first + BATCH, rows + 1))]
        made = [row(seq, salt) for seq, salt in salted]
        names = list(made[0])
        sql = f"INSERT INTO audit ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"
        database.executemany(sql, made)
        acts = [(seq, salt, DETAIL) for seq, salt in salted]
        database.executemany("INSERT INTO act (seq, salt, detail) VALUES (?, ?, ?)", acts)
        database.commit()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
