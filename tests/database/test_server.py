"""The server: killed at any moment under load, and the days of docs/api.md as they stand.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_server
"""

import http.client
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

from . import kit

ROOT = pathlib.Path(__file__).parents[2]
KILLS = int(os.environ.get("SLUICE_SERVER_KILLS", "5"))
DONE = ("PENDING", "RECEIVED")


class Serving:
    """A server on a programme, started again when it was killed."""

    def __init__(self, programme):
        self.programme = programme
        self.child = None
        self.port = None

    def start(self):
        self.child = self.programme.start("serve", "--listen", "127.0.0.1:0")
        line = self.child.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        if not found:
            raise AssertionError(f"{line!r} {self.child.communicate(timeout=kit.TIMEOUT)}")
        self.port = int(found[1])
        return self

    def end(self, by=signal.SIGTERM):
        self.child.send_signal(by)
        self.child.communicate(timeout=kit.TIMEOUT)

    def ask(self, token, method, path, body=None, **headers):
        """Status and JSON of an answer; nothing where the server is away."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=kit.TIMEOUT)
        try:
            link.request(method, "/api/v1" + path, body, {"Authorization": f"Bearer {token}", **headers})
            answer = link.getresponse()
            raw = answer.read()
            return answer.status, json.loads(raw) if raw.startswith(b"{") else raw
        except (OSError, http.client.HTTPException):
            return None, None
        finally:
            link.close()

    def hand_in(self, token, file):
        disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return self.ask(token, "POST", "/files", file.read_bytes(), **disposition)


class Server:
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=40, demand=8).open()
        self.tokens = {}
        for place, supplier in enumerate(self.main.suppliers):
            name = f"program-{place}"
            self.main.run("user", "add", name, "--role", "supplier", "--party", supplier.party)
            self.tokens[supplier.party] = self.token(name)
        self.server = Serving(self.main).start()
        self.addCleanup(self.server.end, signal.SIGKILL)

    def token(self, name):
        return re.search(r"^sluice_\w+$", self.main.run("user", "token", name).out, re.M)[0]

    def test_killed_under_load(self):
        """What has a receipt is there once, with one verdict, however often the server is killed."""
        receipts, stop, failed = {}, threading.Event(), []
        files = {}
        for supplier in self.main.suppliers:
            numbers = list(supplier.numbers)
            each = []
            for count in range(40):
                action = "WITHDRAW" if count % 2 else "AUTHORISE"
                rows = kit.authorisations(supplier, numbers[:8], action)
                each.append(self.main.authorisation_file(supplier, rows))
            files[supplier.party] = each

        def load(party):
            for file in files[party]:
                while not stop.is_set():
                    status, answer = self.server.hand_in(self.tokens[party], file)
                    if status in (200, 202):
                        receipts[file.name] = answer["receipt"]["id"]
                        break
                    if status not in (None, 429, 500, 503):
                        failed.append((status, answer))
                        return
                    time.sleep(0.05)

        threads = [threading.Thread(target=load, args=(party,)) for party in files]
        for thread in threads:
            thread.start()
        chance = random.Random(20210726)
        for _ in range(KILLS):
            time.sleep(chance.random() / 2)
            self.server.end(signal.SIGKILL)
            self.server.start()
        for thread in threads:
            thread.join(kit.TIMEOUT)
        stop.set()
        self.assertEqual(failed, [])
        wanted = {file.name for each in files.values() for file in each}
        self.assertEqual(set(receipts), wanted)
        for party, each in files.items():
            for file in each:
                self.judged(self.tokens[party], receipts[file.name])
        received = self.main.rows("SELECT name, count(*) FROM received WHERE name LIKE 'MA_%' GROUP BY name")
        self.assertEqual({name for name, _ in received}, wanted)
        # An answer that was lost is asked for again: the same name and content is the first file, and has one verdict.
        verdicts = self.main.rows("SELECT name, status FROM received JOIN file USING (id) WHERE kind = 'MA'")
        self.assertEqual(sorted(name for name, _ in verdicts), sorted(wanted))
        self.assertEqual({status for _, status in verdicts} & set(DONE), set())
        self.server.end()
        self.intact(self.main)

    def judged(self, token, arrival):
        def found():
            status, file = self.server.ask(token, "GET", f"/files/{arrival}")
            return status == 200 and file["state"] not in DONE and file

        kit.until(found, f"a verdict on {arrival}")
        return found()

    def test_the_days_of_the_guide(self):
        """Each day of docs/api.md runs as it stands."""
        text = (ROOT / "docs" / "api.md").read_text()
        days = dict(re.findall(r"^## An? (\S+?)'s day\n+```sh\n(.*?)```", text, re.M | re.S))
        self.assertEqual(set(days), {"supplier", "S1SP", "operator"})
        supplier = self.main.suppliers[0]
        self.main.run("user", "add", "provider", "--role", "s1sp", "--party", kit.S1SP)
        names = {"S1SP": "provider", "operator": "alice"}
        for who, day in days.items():
            token = self.tokens[supplier.party] if who == "supplier" else self.token(names[who])
            folder = self.folder / who
            folder.mkdir()
            environment = {
                **os.environ,
                "SLUICE": f"http://127.0.0.1:{self.server.port}",
                "TOKEN": token,
                "WEEK": f"{kit.MONDAY}",
                "S1SP": kit.S1SP,
                "USER_ID": supplier.user_id,
            }
            done = subprocess.run(
                ["sh", "-eu"], input=day.encode(), env=environment, cwd=folder, capture_output=True,
                timeout=kit.TIMEOUT, check=False,
            )
            self.assertEqual(done.returncode, 0, f"{who}: {done.stdout.decode()}{done.stderr.decode()}")

    def test_a_command_works_beside_it(self):
        """Whoever works at the console and whoever asks the server see the same."""
        supplier = self.main.suppliers[0]
        file = self.main.authorisation_file(supplier, kit.authorisations(supplier, list(supplier.numbers)[:3]))
        answer = self.main.submit(supplier.party, file)
        self.assertEqual(answer["status"], "accepted", answer)
        status, page = self.server.ask(self.tokens[supplier.party], "GET", "/files?limit=1")
        self.assertEqual((status, page["files"][0]["id"]), (200, answer["arrival"]))


class ServerOnSqlite(Server, kit.OnSqlite):
    pass


class ServerOnPostgresql(Server, kit.OnPostgresql):
    pass
