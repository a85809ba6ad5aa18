"""Everybody at once: 20 suppliers hand in 10,000 rows each while the inventory is imported and somebody reads.

Of each the time to its signed receipt and to the end of its command; then what waits gets its verdict, every row of every file
must have one, and the record must hold.
"""
import json
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import numpy

from .database import Sluice, firm_week, prepare_tables
from .make_data import Programme, user_id
from .measure import settle
from .names import DAYS, MONDAY, party
from .tables import AUTHORISATION, INVENTORY, write, write_demand

SENDERS = range(1, 21)
ROWS = 10_000
NOW = "2021-06-29T10:00:00+01:00"
GOAL = 2.0


class Crowd(Programme):
    """An inventory in which each sender has as many installations as its file has rows."""

    def __init__(self, installations):
        super().__init__(installations, 0)
        picked = numpy.random.default_rng(2).choice(installations, len(SENDERS) * ROWS, replace=False)
        self.of = dict(zip(SENDERS, picked.reshape(len(SENDERS), ROWS)))
        for number, places in self.of.items():
            self.supplier[places] = number


def make(folder, installations):
    """The files of the crowd; of the inventory also a later one in which one home in a hundred has another cohort."""
    folder.mkdir(exist_ok=True)
    crowd = Crowd(installations)
    write(folder / "inventory.csv", INVENTORY, crowd.inventory())
    later = (line.replace(",IOC,", ",FOC,", 1) if place % 100 == 0 else line for place, line in enumerate(crowd.inventory()))
    write(folder / "later.csv", INVENTORY, later)
    demand = [(day, ROWS if day in DAYS[:5] else 0) for day in DAYS]
    for number, places in crowd.of.items():
        write_demand(folder / f"DC_{party(number)}_{user_id(number)}_CGI_{MONDAY.replace('-', '')}.csv", demand)
        write(folder / f"MA_CGI_{user_id(number)}_20210629_090000.csv", AUTHORISATION, crowd.authorisations(places, number))


def prepare(data, crowd, database):
    """A firm week of the crowd."""
    database.create("crowd")
    url = database.url("crowd")
    prepare_tables(data, url)
    Sluice(url).do("import", "inventory", crowd / "inventory.csv")
    firm_week(url, {number: next(crowd.glob(f"DC_{party(number)}_*.csv")) for number in SENDERS})
    return url


def hand_in(url, crowd, folder, number):
    """Seconds to the receipt and to the end of the command, and what it said."""
    file = next(crowd.glob(f"MA_CGI_{user_id(number)}_*.csv"))
    receipts = folder / f"receipts-{number}"
    words = ["submit", file, "--as", party(number), "--receipts", receipts, "--json", "--now", NOW]
    began = time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in Sluice(url).command(*words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    receipt = None
    while child.poll() is None:
        if receipt is None and receipts.exists() and any(receipts.glob("RECEIPT_*.json")):
            receipt = time.perf_counter() - began
        time.sleep(0.005)
    ended = time.perf_counter() - began
    said, complaint = child.communicate()
    if child.returncode != 0:
        raise SystemExit(f"{party(number)} got {child.returncode}: {said}{complaint}")
    return receipt or ended, ended, json.loads(said)["status"]


def look(url, stop):
    """Somebody who looks at the week again and again."""
    times = []
    while not stop():
        began = time.perf_counter()
        done = subprocess.run(
            [str(word) for word in Sluice(url).command("week", "show", MONDAY, "--now", NOW)], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise SystemExit(f"reading got {done.returncode}: {done.stderr}")
        times.append(time.perf_counter() - began)
    return times


def main(options, data, folder, databases):
    crowd = folder / "crowd"
    make(crowd, options.installations)
    for database in databases:
        one(options, data, crowd, folder / database.name, database)


def one(options, data, crowd, folder, database):
    url = prepare(data, crowd, database)
    folder.mkdir()
    settle()
    with ThreadPoolExecutor(len(SENDERS) + 2) as pool:
        began = time.perf_counter()
        words = ["import", "inventory", crowd / "later.csv", "--by", "alice", "--approve", "bob", "--now", NOW]
        load = pool.submit(Sluice(url).do, *words)
        load.add_done_callback(lambda _: print(f"  import of {options.installations:,} rows: {time.perf_counter() - began:.2f} s"))
        handed = [pool.submit(hand_in, url, crowd, folder, number) for number in SENDERS]
        reader = pool.submit(look, url, lambda: all(one.done() for one in [load, *handed]))
        results = [one.result() for one in handed]
        load.result()
        reads = reader.result()
    # The next command of anybody goes on with what waits.
    Sluice(url).do("week", "show", MONDAY, "--now", NOW)
    print(f"{database.name}: {len(SENDERS)} files of {ROWS:,} rows at once, an import and a reader beside them")
    receipts, ends, waits = zip(*results)
    table("receipt", receipts)
    table("end of the command", ends)
    table("week show, beside them", reads)
    print(f"  verdict pending at the end of its command: {waits.count('pending')} of {len(waits)}")
    for number in SENDERS:
        verdicts(url, crowd, number)
    Sluice(url).do("audit", "verify", "--now", NOW)
    told = "met" if max(receipts) <= GOAL else "not met"
    print(f"intake  {database.name}, every receipt within {GOAL} s: {max(receipts):.2f} s; {told}")


def table(name, values):
    values = sorted(values)
    p99 = values[min(len(values) - 1, int(len(values) * 0.99))]
    print(f"  {name:28} median {statistics.median(values):6.2f} s   p99 {p99:.2f} s   most {values[-1]:.2f} s   of {len(values)}")


def verdicts(url, crowd, number):
    """Every row of the file has its verdict, and it is the one that it must have."""
    file = next(crowd.glob(f"MA_CGI_{user_id(number)}_*.csv"))
    words = Sluice(url).command("submit", file, "--as", party(number), "--json", "--now", NOW)
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    rows = {row["verdict"]: row["rows"] for row in json.loads(done.stdout)["rows"]}
    if rows != {"ACCEPTED": ROWS}:
        raise SystemExit(f"{party(number)} has {rows} instead of {ROWS} rows that are accepted: {done.stdout}{done.stderr}")
