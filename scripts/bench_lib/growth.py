"""What grows with the age of a programme (P8): of each act and reading of each week how much work the database had, in statements and in
steps of its machine, which no other work on this machine changes.

One programme runs for so many weeks that are alike. Each week the same is handed in, done and looked at.
"""
import re
import time
from collections import defaultdict
from datetime import timedelta
from statistics import median

from .history import FIRST_WEEK, S1SPS, History, user_id
from .names import party
from .make_data import SUPPLIERS
from .tables import device

WORK = re.compile(r"work of the database: (\d+) statements, (\d+) steps")
OF_WEEKS = ["weeks", "outcomes", "idle", "refusals", "dormant", "conduct"]
AS_IT_IS = ["progress", "backlog", "exclusions"]
# How many weeks are compared at each end; what is done in the first is not done with anything behind it.
ENDS = 3


class Growth(History):
    """Counts what each command asks of the database, week by week."""

    def __init__(self, *words, **how):
        self.work, self.seconds, self.week = defaultdict(dict), defaultdict(dict), 0
        super().__init__(*words, on_week=self.look, **how)

    def do(self, what, *words, **how):
        began = time.perf_counter()
        done = super().do(what, *words, env={"SLUICE_WORK": "1"}, **how)
        taken = time.perf_counter() - began
        if self.week is not None:
            statements, steps = map(int, WORK.search(done.stderr).groups())
            self.work[what].setdefault(self.week, []).append((statements, steps))
            self.seconds[what].setdefault(self.week, []).append(taken)
        return done

    def look(self, day):
        """What is looked at when a week is carried out."""
        monday = day - timedelta(days=day.weekday())
        largest = party(self.suppliers - 1)
        about = ["--week", monday]
        for name in OF_WEEKS:
            self.do(f"report {name}, the week", "report", name, *about)
            self.do(f"report {name}, a supplier's", "report", name, *about, "--as", largest)
        for name in AS_IT_IS:
            self.do(f"report {name}", "report", name)
            self.do(f"report {name}, a supplier's", "report", name, "--as", largest)
        self.do("report fairness", "report", "fairness", *about)
        self.do("week show", "week", "show", monday + timedelta(days=21))
        self.do("week show, a supplier's", "week", "show", monday + timedelta(days=21), "--as", largest)
        home = device(int(self.homes.chf[self.of_week[-1]]))
        self.do("installation show", "installation", "show", home)
        self.do("installation show, its supplier's", "installation", "show", home, "--as", party(int(self.homes.supplier[self.of_week[-1]])))
        self.do("outbox, since this morning", "outbox", "--as", largest, "--since", f"{day}T00:00:00Z", "--out", self.folder / f"outbox-{day}")
        self.do("the same file again", "submit", self.again, "--as", self.sender, good=(0, 1))
        self.week += 1

    def submit(self, what, sender, files, now):
        if what.startswith("authorisations") and sender == party(self.suppliers - 1):
            self.sender, self.again = sender, self.folder / files[0].name
            self.again.write_bytes(files[0].read_bytes())
        super().submit(what, sender, files, now)

    def carry_out(self, now, day):
        self.of_week = [place for code in range(len(S1SPS)) for place in self.on_day.get((code, day), [])]
        super().carry_out(now, day)

    def compared(self):
        """For each act: statements and steps of a week, the median of the first weeks and of the last, and seconds."""
        for what, weeks in self.work.items():
            known = sorted(weeks)[1:]
            ends = [known[:ENDS], known[-ENDS:]]
            figures = [
                [median(sum(one[which] for one in weeks[week]) for week in end) for end in ends] for which in (0, 1)
            ]
            taken = [median(sum(self.seconds[what][week]) / len(weeks[week]) for week in end) for end in ends]
            yield what, *figures, taken


def main(options):
    daily = options.daily or options.installations // 400
    growth = Growth(options.into, options.data, options.installations, options.weeks, daily, suppliers=options.suppliers)
    growth.run()
    print(f"{options.weeks} weeks of {5 * daily:,} units, {options.installations:,} installations; weeks 2 to {ENDS + 1} and the last {ENDS}")
    print(f"{'':36} {'statements':>17} {'steps':>23} {'ratio':>6} {'seconds':>15}")
    for what, (few, many), (small, large), (early, late) in growth.compared():
        told = "" if large <= 1.05 * small and many <= 1.05 * few else "  grows"
        figures = f"{few:8.0f} {many:8.0f} {small:11,.0f} {large:11,.0f} {large / max(small, 1):6.2f} {early:7.3f} {late:7.3f}"
        print(f"{what:36} {figures}{told}", flush=True)
