"""A database that is not simulated: everybody shows who they are by a token (ACC-1), and what needs two people is proposed by
one and approved by another (ACC-2). A week is played from its making to its firm result, on the machine's own clock.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_people
"""

import datetime
import hashlib
import json
import zoneinfo

from tests.files.kit import objects

from . import kit, record
from .test_record import RecordCase

LONDON = zoneinfo.ZoneInfo("Europe/London")
NOT_TAKEN = "not known, was revoked, or its user acts no more"


def week(days):
    """The first Monday that is at least so many days ahead."""
    ahead = datetime.datetime.now(LONDON).date() + datetime.timedelta(days=days)
    return ahead + datetime.timedelta(days=-ahead.weekday() % 7)


class People:
    def setUp(self):
        super().setUp()
        self.main = self.programme()
        # Its demand is closed, and it has not begun.
        self.monday = week(7)
        self.tokens = {}
        made = self.main.run("init", "--operator", "ruth", "--json")
        self.keep("ruth", made)
        self.fails("ruth", "too few can sign", "user", "add", "tom", "--role", "approver")
        self.fails("ruth", "no user 'tom'", "user", "token", "tom")
        for name, role in [("tom", "approver"), ("olga", "operator")]:
            self.main.run("user", "add", name, "--role", role)
        # What cannot be done at all is said before how it would be done.
        self.fails("ruth", "too few can sign", "user", "token", "tom")
        self.keep("olga", self.main.run("user", "token", "olga", "--json"))
        self.by_two("ruth", "olga", *self.fingerprinted("tom"))
        self.as_("ruth", "user", "add", "oscar", "--role", "observer")
        rows = self.main.parties()
        self.as_("ruth", "import", "parties", self.main.table("parties", kit.PARTIES, rows))
        for name, supplier in zip(("sue", "sid"), self.main.suppliers, strict=True):
            self.as_("ruth", "user", "add", name, "--role", "supplier", "--party", supplier.party)
        for name in ("oscar", "sue", "sid"):
            self.keep(name, self.as_("ruth", "user", "token", name, "--json"))

    def keep(self, name, made):
        """The token that a command made; what it printed is taken out of what is searched for secrets."""
        self.tokens[name] = json.loads(made.out)["token"]
        self.main.said.remove(made.out.encode())

    def fingerprinted(self, name):
        """Somebody makes a token; the command by which an operator makes it known."""
        file = self.main.folder / f"{name}.token"
        fingerprint = self.main.run("user", "token", "new", file).out.splitlines()[1]
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.tokens[name] = file.read_text().strip()
        file.unlink()
        return ["user", "token", name, "--fingerprint", fingerprint]

    def by_two(self, first, second, *arguments):
        """What one proposes and another approves."""
        proposal = json.loads(self.as_(first, *arguments, "--json").out)["proposal"]["id"]
        self.as_(second, "proposal", "approve", proposal)
        return proposal

    def as_(self, name, *arguments, **options):
        return self.main.run(*arguments, token=self.tokens[name], **options)

    def fails(self, name, words, *arguments, **options):
        """A command that is refused, with nothing changed and in one line."""
        before = self.main.snapshot()
        run = self.as_(name, *arguments, code=2, **options) if name else self.main.run(*arguments, code=2, **options)
        self.assertEqual(len(run.lines), 1, run)
        self.assertIn(words, run.err, run)
        after = self.main.snapshot()
        self.assertEqual({table for table in before if before[table] != after[table]} - {"token_secret"}, set(), run)
        return run

    def id_of(self, name):
        return self.main.one("SELECT id FROM token WHERE account = ?", name)

    # A week.

    def scaled(self):
        """A week with late demand that an operator has taken, published as provisional.

        It is the one that begins next: no query window of its result would end before its refill is due, so that it can be made
        firm without a wait (MSM-11).
        """
        self.monday = week(1)
        capacity = [[kit.S1SP, f"{self.day(place)}", 10, 0] for place in range(5)]
        self.as_("ruth", "import", "capacity", self.main.table("capacity", kit.CAPACITY, capacity))
        for name, supplier in zip(("sue", "sid"), self.main.suppliers, strict=True):
            rows = [[f"{self.day(place)}", 8 if place < 5 else 0] for place in range(7)]
            stem = f"DC_{supplier.party}_{supplier.user_id}_{kit.S1SP}_{self.monday:%Y%m%d}.csv"
            file = self.main.file(stem, kit.csv_bytes(["Migration Date", "Demand"], rows))
            run = self.as_(name, "submit", "--json", "--as", supplier.party, file, code=1)
            (told,) = objects(run.out)
            self.as_("ruth", "week", "take-file", told["receipt"], "--reason", "the portal was down")
        self.as_("ruth", "week", "scale", self.monday)
        self.as_("ruth", "week", "publish", self.monday, "--stage", "provisional")

    def day(self, place):
        return self.monday + datetime.timedelta(days=place)

    def firm(self):
        self.scaled()
        self.as_("ruth", "week", "publish", self.monday, "--stage", "firm")
        self.as_("tom", "proposal", "approve", 2)

    def cut(self, name, capacity):
        """Proposes another capacity of the last Migration Day; the number of the proposal."""
        words = ["--s1sp", kit.S1SP, "--date", self.day(4), "--capacity", capacity, "--json"]
        return json.loads(self.as_(name, "week", "cut", self.monday, *words).out)["proposal"]["id"]

    # Tests.

    def test_a_week_becomes_firm_by_two_people_with_tokens(self):
        self.scaled()
        proposed = self.as_("ruth", "week", "publish", self.monday, "--stage", "firm")
        self.assertIn("Proposal 2 waits until ", proposed.out)
        self.assertIn("sluice proposal show 2", proposed.out)
        self.assertEqual(self.main.rows("SELECT stage FROM result"), [("PROVISIONAL",)])
        self.fails("ruth", "needs two people, and 'ruth' made it", "proposal", "approve", 2)
        for name in ("oscar", "sue"):
            self.fails(name, "deciding on a proposal is for DCC's operators", "proposal", "approve", 2)
        self.assertIn("The same now", self.as_("tom", "proposal", "show", 2).out)
        self.as_("tom", "proposal", "approve", 2)
        self.assertEqual(self.main.rows("SELECT stage FROM result ORDER BY version"), [("PROVISIONAL",), ("FIRM",)])
        units = self.main.rows("SELECT party, sum(units) FROM allocation GROUP BY party ORDER BY party")
        self.assertEqual([int(total) for _, total in units], [25, 25])
        acts = [json.loads(text) for (text,) in self.main.rows("SELECT detail FROM act ORDER BY seq DESC")][:3]
        self.assertEqual([act["by"]["name"] for act in acts], ["tom", "ruth", "ruth"])
        self.assertEqual(acts[1]["act"]["approve"], "tom")
        self.fails("olga", "proposal 2 is approved since", "proposal", "approve", 2)
        names = self.main.rows("SELECT n.name FROM audit a JOIN account_name n ON n.id = a.account")
        self.assertIn(("sue",), names)
        self.intact(self.main)

    def test_a_proposal_that_does_something_else_by_now_is_made_again(self):
        self.firm()
        first, second = self.cut("ruth", 7), self.cut("ruth", 6)
        self.as_("olga", "proposal", "approve", second)
        run = self.fails("olga", "has changed since it was made", "proposal", "approve", first)
        self.assertIn("Then: the capacity stands at ", run.err)
        self.assertIn("Now: ", run.err)
        self.assertIn("propose it again", self.as_("tom", "proposal", "show", first).out.replace("\n", " ") + run.err)
        third = self.cut("olga", 5)
        self.as_("olga", "proposal", "withdraw", third)
        self.fails("tom", f"proposal {third} is withdrawn since", "proposal", "approve", third)
        fourth = self.cut("olga", 5)
        self.as_("tom", "proposal", "decline", fourth, "--why", "not yet")
        self.fails("ruth", f"proposal {fourth} is declined since", "proposal", "approve", fourth)
        self.intact(self.main)

    def test_a_proposal_that_expired_is_over(self):
        self.firm()
        proposal = self.cut("ruth", 7)
        self.execute(f"UPDATE proposal SET expires_at = made_at WHERE id = {proposal}")
        self.as_("tom", "proposal", "list")
        self.fails("tom", f"proposal {proposal} is expired since", "proposal", "approve", proposal)

    def test_a_proposal_of_an_earlier_program_is_made_again(self):
        """An upgrade takes its digest away, whatever form it said to have: it replays as it is, and cannot be approved."""
        self.scaled()
        publish = ["week", "publish", self.monday, "--stage", "firm"]
        self.as_("ruth", *publish)
        seq = self.main.one("SELECT max(seq) FROM audit WHERE kind = 'propose'")
        salt, detail = map(kit.plain, self.main.one("SELECT salt, detail FROM act WHERE seq = ?", seq))
        self.assertTrue(detail.endswith("}}"))
        earlier = detail[:-2] + ',"form":3}}'
        self.main.backend.write("UPDATE act SET detail = ? WHERE seq = ?", earlier, seq)
        RecordCase.rewrite(self, seq, detail_digest=record.salted(salt, b"details", earlier.encode()))
        self.main.backend.write("UPDATE proposal SET digest = ? WHERE id = 2", b"")
        self.intact(self.main)
        self.fails("tom", "when an earlier program made it", "proposal", "approve", 2)
        self.as_("ruth", "proposal", "withdraw", 2)
        self.as_("ruth", *publish)
        self.as_("tom", "proposal", "approve", 3)
        self.intact(self.main)

    def row(self, seq):
        return RecordCase.row(self, seq)

    def write(self, sql, *values):
        self.main.backend.write(sql, *values)

    def test_an_act_without_a_token_stays_in_the_log(self):
        """Who holds the database can say that it is simulated, act as anybody, and say that it is not."""
        self.execute("UPDATE setting SET value = 'yes' WHERE name = 'simulated'")
        now = datetime.datetime.now(LONDON).isoformat(timespec="seconds")
        self.main.run("stop", "impose", "--supplier", "SUP001", "--reason", "none", "--by", "ruth", "--now", now)
        self.execute("UPDATE setting SET value = 'no' WHERE name = 'simulated'")
        told = "(stop) is by ruth without a token, and this database is not simulated"
        self.assertIn(told, self.main.run("audit", "verify", code=1).out)
        self.execute("DELETE FROM setting WHERE name = 'clock'")
        self.assertIn(told, self.main.run("audit", "verify", code=1).out)

    def test_a_given_clock_where_none_may_be(self):
        self.execute("INSERT INTO setting (name, value) VALUES ('clock', '2021-07-01T00:00:00Z')")
        self.assertIn("has a given clock", self.main.run("audit", "verify", code=1).out)

    def test_an_import_is_of_the_file_that_was_proposed(self):
        names = "SELECT name FROM party WHERE role = 'SUPPLIER' ORDER BY code"
        before = self.main.rows(names)
        rows = self.main.parties()
        rows[0][1], rows[1][1] = "Proposed", "Both"
        file = self.main.table("parties", kit.PARTIES, rows)
        shown = self.as_("olga", "import", "parties", file, "--dry-run")
        self.assertIn("so it becomes a proposal", shown.out)
        self.as_("olga", "import", "parties", file)
        self.assertEqual(self.main.rows(names), before)
        rows[0][1] = "Slipped in"
        self.main.table("parties", kit.PARTIES, rows)
        self.as_("tom", "proposal", "approve", 2)
        self.assertEqual(self.main.rows(names), [("Proposed",), ("Both",)])
        # What somebody proposed who acts no more stands no more.
        self.as_("olga", "import", "undo")
        self.as_("ruth", "user", "disable", "olga")
        self.fails("tom", "user 'olga' is disabled", "proposal", "approve", 3)
        self.assertIn("Now it cannot be done", self.as_("tom", "proposal", "show", 3).out)
        self.intact(self.main)

    def test_a_confirmation_is_by_the_token_of_who_hands_it_in(self):
        """FI21: what was held is confirmed by handing it in again, and the log says by which token."""
        later = self.monday + datetime.timedelta(days=28)
        supplier = self.main.suppliers[0]
        stem = f"DC_{supplier.party}_{supplier.user_id}_{kit.S1SP}_{later:%Y%m%d}.csv"
        for units, status, code in ((50, "accepted", 0), (500, "held", None)):
            days = [[f"{later + datetime.timedelta(days=place)}", units if place < 5 else 0] for place in range(7)]
            file = self.main.file(stem, kit.csv_bytes(["Migration Date", "Demand"], days))
            run = self.as_("sue", "submit", "--json", "--as", supplier.party, file, code=code)
            (told,) = objects(run.out)
            self.assertEqual(told["status"], status, told)
        self.as_("sue", "submit", "--as", supplier.party, "--confirm", file)
        (act,) = self.main.rows("SELECT b.detail FROM audit a JOIN act b ON b.seq = a.seq WHERE a.kind = 'confirm'")
        self.assertEqual(json.loads(act[0])["by"]["known"], "BY_TOKEN")
        self.intact(self.main)

    def test_names_are_not_enough(self):
        self.scaled()
        publish = ["week", "publish", self.monday, "--stage", "firm"]
        self.fails(None, "everybody shows who they are", *publish)
        self.fails(None, "everybody shows who they are", "week", "show", self.monday)
        self.fails(None, "everybody shows who they are", *publish, "--by", "ruth", "--approve", "tom")
        self.fails(None, "everybody shows who they are", "user", "add", "eve", "--role", "operator")
        self.fails(None, "everybody shows who they are", "user", "token", "ruth")
        self.fails("ruth", "sluice proposal", *publish, "--approve", "tom")
        self.fails("ruth", "--by is for simulated databases", *publish, "--by", "ruth")
        # Nobody else's party, and what is of all parties is not for one.
        own, other = (supplier.party for supplier in self.main.suppliers)
        self.fails("sue", f"not for {other}", "outbox", "--as", other, "--out", "box")
        # DCC looks as a party does, and acts for none.
        give = ["handback", "--as", other, "--s1sp", kit.S1SP, "--date", self.day(0), "--units", 1]
        for name in ("sue", "ruth"):
            self.fails(name, f"not for {other}", *give)
        self.fails("sue", f"not for {other}", "week", "show", self.monday, "--as", other)
        self.as_("sue", "outbox", "--as", own, "--out", "box")
        self.as_("ruth", "week", "show", self.monday, "--as", other)
        for command in (["stop", "list"], ["exclusion", "list"], ["responsibility", "list"]):
            self.fails("sue", "for DCC and observers", *command)
        self.fails("sue", "proposals are for DCC and observers", "proposal", "list")
        # An observer acts never, an approver never first.
        self.fails("oscar", "is OBSERVER", *publish)
        self.fails("oscar", "is OBSERVER", "user", "token", "ruth")
        self.fails("tom", "signs as the second only", *publish)

    def test_dcc_looks_at_an_outbox_as_its_party_does(self):
        self.scaled()
        party = self.main.suppliers[0].party

        def outbox(name):
            folder = self.main.folder / name
            self.as_(name, "outbox", "--as", party, "--out", folder)
            return {path.name: path.read_bytes() for path in folder.iterdir()}

        before = self.main.snapshot()
        seen = outbox("ruth")
        self.assertTrue(seen)
        # Looking changes nothing: the party gets the same.
        after = self.main.snapshot()
        self.assertLessEqual({table for table in before if before[table] != after[table]}, {"token_secret"})
        self.assertEqual(outbox("sue"), seen)
        for name in ("sid", "oscar"):
            self.fails(name, f"not for {party}", "outbox", "--as", party, "--out", self.main.folder / name)

    def test_an_observer_reads_what_observers_are_told(self):
        rows = [*self.main.parties(), ["WATCH", "WATCH", "OBSERVER", "70-B3-D5-1F-30-00-FF-01", "", "", "", "", ""]]
        command = ["import", "parties", self.main.table("parties", kit.PARTIES, rows)]
        self.by_two("ruth", "olga", *command)
        shown = json.loads(self.as_("ruth", "week", "show", self.monday, "--json").out)["milestones"]
        at = next(one["at"] for one in shown if one["id"] == "authorisation_cutoff")
        later = (datetime.datetime.fromisoformat(at) + datetime.timedelta(minutes=30)).isoformat()
        milestone = ["week", "move-milestone", self.monday, "--milestone", "authorisation_cutoff", "--to", later]
        self.by_two("ruth", "olga", *milestone, "--reason", "a test of the network")
        # CAL-4: everyone is told.
        self.as_("oscar", "outbox", "--as", "WATCH", "--out", self.main.folder / "watch")
        told = [notice.read_text() for notice in (self.main.folder / "watch").glob("NOTICE_WATCH_*.csv")]
        self.assertIn("a test of the network", "".join(told))
        self.fails("sue", "not for WATCH", "outbox", "--as", "WATCH", "--out", self.main.folder / "sue")

    def test_a_token_that_is_not_taken(self):
        unknown = "sluice_" + "0" * 64
        unknown += hashlib.sha256(unknown.encode()).hexdigest()[:8]
        show = ["week", "show", self.monday]
        self.tokens["nobody"] = unknown
        self.tokens["slip"] = self.tokens["ruth"][:-1] + ("0" if self.tokens["ruth"][-1] != "0" else "1")
        self.fails("slip", "the token is not whole", *show)
        said = [self.fails("nobody", NOT_TAKEN, *show).err]
        self.as_("ruth", "user", "token", "revoke", self.id_of("olga"))
        said += [self.fails("olga", NOT_TAKEN, *show).err]
        self.as_("ruth", "user", "disable", "sid")
        said += [self.fails("sid", NOT_TAKEN, *show).err]
        self.assertEqual(len(set(said)), 1, said)
        self.execute(f"UPDATE token SET expires_at = made_at WHERE id = '{self.id_of('oscar')}'")
        self.fails("oscar", "expired at", *show)
        self.fails("ruth", "1 to 366 days", "user", "token", "sue", "--days", 367)
        self.fails("ruth", "1 to 366 days", "user", "token", "sue", "--days", 0)
        self.fails("ruth", "no token 'x' stands", "user", "token", "revoke", "x")
        listed = self.as_("ruth", "user", "list").out
        for words in (r"ruth +operator +until", r"sid +supplier +\w+ +disabled", r"olga +operator +no token"):
            self.assertRegex(listed, words)
        own = {user["name"] for user in json.loads(self.as_("sue", "user", "list", "--json").out)["users"]}
        self.assertEqual(own, {"sue"})
        listed = self.as_("ruth", "user", "token", "list").out
        for word in ("revoked at", "expired at", "taken until"):
            self.assertIn(word, listed)

    def test_a_token_in_a_file_that_others_may_read_is_refused(self):
        file = self.main.file("token", self.tokens["ruth"].encode() + b"\n")
        file.chmod(0o640)
        self.fails(None, "others may read the token", "stop", "list", "--token-file", file)
        file.chmod(0o600)
        self.main.run("stop", "list", "--token-file", file)
        file.unlink()

    def test_while_too_few_can_sign_the_holder_makes_the_next(self):
        self.as_("ruth", "user", "disable", "olga")
        self.execute("UPDATE token SET expires_at = made_at")
        self.fails("ruth", "expired at", "user", "token", "ruth")
        self.fails(None, "everybody shows who they are", "stop", "list")
        self.keep("ruth", self.main.run("user", "token", "ruth", "--json"))
        self.as_("ruth", "stop", "list")
        self.keep("tom", self.main.run("user", "token", "tom", "--json"))
        self.fails(None, "everybody shows who they are", "user", "token", "ruth")

    def test_nobody_makes_a_second_for_themselves(self):
        self.fails("ruth", "needs two people, and 'ruth' made it", "proposal", "approve", self.proposed("eve"))
        self.as_("olga", "proposal", "approve", 2)
        # A token of somebody who signs is made by them alone, and known to an operator by its fingerprint.
        self.fails("ruth", "nobody else may know the token", "user", "token", "eve")
        command = self.fingerprinted("eve")
        told = json.loads(self.as_("ruth", *command, "--json").out)["proposal"]
        self.assertIn(command[-1], " ".join(told["figures"]))
        self.fails("eve", NOT_TAKEN, "proposal", "list")
        self.fails("ruth", "needs two people, and 'ruth' made it", "proposal", "approve", told["id"])
        self.as_("tom", "proposal", "approve", told["id"])
        self.as_("eve", "proposal", "list")
        self.fails("ruth", "was made before", *command)
        # What somebody else has proposed meanwhile is for the second to end.
        self.as_("ruth", "user", "add", "zoe", "--role", "operator")
        again = self.proposed("zoe")
        self.as_("tom", "proposal", "approve", again - 1)
        self.fails("tom", f"proposal {again} cannot be done; decline it", "proposal", "approve", again)
        # The next token of one's own one makes alone, whatever the role.
        for name in ("eve", "tom", "sue"):
            self.keep(name, self.as_(name, "user", "token", name, "--json"))
        self.fails("sue", "is SUPPLIER", "user", "token", "sid")
        self.intact(self.main)

    def test_nobody_takes_the_right_of_the_last_other_who_signs(self):
        self.as_("ruth", "user", "disable", "olga")
        for command in (["user", "disable", "tom"], ["user", "token", "revoke", self.id_of("tom")]):
            told = json.loads(self.as_("ruth", *command, "--json").out)["proposal"]
            self.assertIn("too few are left", " ".join(told["figures"]))
            self.fails("ruth", "needs two people, and 'ruth' made it", "proposal", "approve", told["id"])
            self.fails(None, "everybody shows who they are", "user", "add", "puppet", "--role", "approver")
        # One's own who does not sign may give up, and no other's.
        self.fails("sue", "is SUPPLIER", "user", "token", "revoke", self.id_of("sid"))
        self.as_("sue", "user", "token", "revoke", self.id_of("sue"))
        self.fails("sue", NOT_TAKEN, "week", "show", self.monday)
        # With the other's signature it is done; then too few can sign.
        self.as_("tom", "proposal", "approve", told["id"])
        self.fails("tom", NOT_TAKEN, "stop", "list")
        self.fails("ruth", "too few can sign", "user", "add", "puppet", "--role", "approver")
        self.intact(self.main)

    def test_nobody_brings_it_about_in_a_day_that_too_few_can_sign(self):
        self.as_("ruth", "user", "disable", "olga")
        self.as_("ruth", "user", "token", "ruth", "--days", "1")
        longest = self.main.one("SELECT id FROM token WHERE account = 'ruth' ORDER BY expires_at DESC LIMIT 1")
        told = json.loads(self.as_("ruth", "user", "token", "revoke", longest, "--json").out)["proposal"]
        self.assertIn("too few are left", " ".join(told["figures"]))

    def test_an_approver_proposes_to_give_up_their_own_token_and_nothing_else(self):
        self.as_("ruth", "user", "disable", "olga")
        command = ["user", "token", "revoke", self.id_of("tom")]
        for end in (["tom", "proposal", "withdraw"], ["ruth", "proposal", "approve"]):
            told = json.loads(self.as_("tom", *command, "--json").out)["proposal"]
            self.as_(*end, told["id"])
        self.fails("tom", NOT_TAKEN, "stop", "list")
        self.intact(self.main)

    def test_an_approver_proposes_nothing_that_an_operator_does(self):
        for command in (["user", "disable", "olga"], ["user", "token", "revoke", self.id_of("ruth")]):
            self.fails("tom", "is an approver", *command)
        self.fails("tom", "is an approver", "user", "add", "eve", "--role", "approver")
        self.scaled()
        self.fails("tom", "is an approver", "week", "publish", self.monday, "--stage", "firm")

    def test_an_approver_is_disabled_by_two_themselves_the_second(self):
        self.as_("ruth", "user", "disable", "olga")
        told = json.loads(self.as_("ruth", "user", "disable", "tom", "--json").out)["proposal"]
        self.assertIn("The same now", self.as_("tom", "proposal", "show", told["id"]).out)
        self.as_("tom", "proposal", "approve", told["id"])
        self.fails("tom", NOT_TAKEN, "stop", "list")
        self.intact(self.main)

    def test_where_the_clock_was_ahead_the_holder_makes_the_next(self):
        """Tokens have expired by the record, and it is by the record, too, that nobody can sign in."""
        far = 100 * 86_400_000
        self.execute(f"UPDATE audit SET at = at + {far} WHERE seq = (SELECT max(seq) FROM audit)")
        self.fails("ruth", "expired at", "stop", "list")
        self.keep("ruth", self.main.run("user", "token", "ruth", "--json"))
        listed = {line.split()[0]: line for line in self.as_("ruth", "user", "list").out.splitlines() if line.split()}
        self.assertRegex(listed["ruth"], r"\d\d:\d\d")
        self.assertNotRegex(listed["tom"], r"\d\d:\d\d")
        self.keep("olga", self.main.run("user", "token", "olga", "--json"))
        # And from then on the days of a token count, by whomever it is made.
        self.by_two("ruth", "olga", *self.fingerprinted("tom"))
        self.as_("tom", "stop", "list")

    def test_what_waits_for_a_signature_is_no_observers(self):
        waits = self.proposed("eve")
        self.assertIn("eve", self.as_("tom", "proposal", "list").out)
        self.assertNotIn("eve", self.as_("oscar", "proposal", "list").out)
        self.fails("oscar", f"there is no proposal {waits}", "proposal", "show", waits)
        self.as_("tom", "proposal", "approve", waits)
        self.assertIn("eve", self.as_("oscar", "proposal", "show", waits).out)

    def test_an_account_that_an_earlier_program_called_dcc_is_replayed(self):
        self.as_("ruth", "user", "add", "dxx", "--role", "observer")
        seq = self.main.one("SELECT max(seq) FROM audit WHERE kind = 'user-add'")
        salt, detail = map(kit.plain, self.main.one("SELECT salt, detail FROM act WHERE seq = ?", seq))
        earlier = detail.replace("dxx", "dcc")
        self.main.backend.write("UPDATE act SET detail = ? WHERE seq = ?", earlier, seq)
        RecordCase.rewrite(self, seq, detail_digest=record.salted(salt, b"details", earlier.encode()))
        self.main.backend.write("UPDATE account SET name = ? WHERE name = ?", "dcc", "dxx")
        self.intact(self.main)

    def test_where_no_operator_can_sign_the_holder_makes_an_operator_alone(self):
        self.by_two("ruth", "olga", "user", "add", "ann", "--role", "approver")
        self.by_two("ruth", "olga", *self.fingerprinted("ann"))
        # One's own right, too, is given up by two where it is the last of its kind: the holder would make the next alone.
        self.as_("olga", "user", "token", "revoke", self.id_of("olga"))
        self.fails(None, "everybody shows who they are", "user", "add", "puppet", "--role", "operator")
        self.by_two("ruth", "tom", "user", "token", "revoke", self.id_of("ruth"))
        self.fails(None, "an operator is made first", "user", "add", "puppet", "--role", "approver")
        self.fails(None, "an operator is made first", "user", "token", "tom")
        self.fails(None, "an operator is made first", "user", "add", "odd", "--role", "observer")
        self.keep("ruth", self.main.run("user", "token", "ruth", "--json"))
        self.as_("ruth", "stop", "list")

    def test_nobody_makes_the_token_of_another_one_of_their_own(self):
        self.by_two("ruth", "olga", "user", "add", "eve", "--role", "approver")
        command = self.fingerprinted("eve")
        told = json.loads(self.as_("ruth", *command, "--json").out)["proposal"]
        for name in ("oscar", "ruth"):
            words = ["user", "token", name, *command[-2:]]
            self.fails(name, "a fingerprint is given for the token of another", *words)
        self.fails("ruth", "a fingerprint is given for the token of another", "user", "token", "sue", *command[-2:])
        self.as_("tom", "proposal", "approve", told["id"])
        self.as_("eve", "proposal", "list")

    def test_nobody_acts_for_a_party_in_a_role_that_it_has_not(self):
        supplier = self.main.suppliers[0].party
        for role in ("s1sp", "supplier"):
            party = supplier if role == "s1sp" else kit.S1SP
            self.fails("ruth", "is registered as", "user", "add", "x", "--role", role, "--party", party)

    def proposed(self, name):
        """The number of the proposal to add an operator."""
        told = json.loads(self.as_("ruth", "user", "add", name, "--role", "operator", "--json").out)
        return told["proposal"]["id"]

    def test_who_acts_for_no_party_sees_nothing(self):
        self.execute("UPDATE account SET party = NULL WHERE name = 'sue'", unchecked=True)
        party = self.main.suppliers[0].party
        for command in (["week", "show", self.monday], ["stop", "list"], ["outbox", "--as", party, "--out", "box"]):
            self.fails("sue", "may see and do nothing", *command)

    def test_who_could_act_for_one_act_alone_is_found_by_a_replay(self):
        """ACC-1: what somebody changed in the tables for the time of one act, and put back."""
        self.execute("UPDATE account SET role = 'OPERATOR', party = NULL WHERE name = 'sue'", unchecked=True)
        self.as_("sue", "user", "add", "spy", "--role", "observer")
        party = self.main.suppliers[0].party
        self.execute(f"UPDATE account SET role = 'SUPPLIER', party = '{party}' WHERE name = 'sue'", unchecked=True)
        self.assertIn("'sue' could not act as OPERATOR then", self.main.run("replay", code=1).out)

    def test_who_acts_no_more_and_acts_once_is_found_by_a_replay(self):
        self.as_("ruth", "user", "disable", "oscar")
        self.execute("UPDATE account SET disabled = 0, role = 'OPERATOR' WHERE name = 'oscar'", unchecked=True)
        self.execute("UPDATE token SET revoked_at = NULL WHERE account = 'oscar'")
        self.as_("oscar", "user", "add", "spy", "--role", "observer")
        self.execute("UPDATE account SET disabled = 1, role = 'OBSERVER' WHERE name = 'oscar'", unchecked=True)
        self.assertIn("'oscar' could not act as OPERATOR then", self.main.run("replay", code=1).out)

    def test_whose_a_token_was_for_one_act_alone_is_found_by_a_replay(self):
        owners = self.main.rows("SELECT id, account FROM token ORDER BY id")
        self.execute("UPDATE token SET account = 'ruth' WHERE account = 'sue'")
        self.as_("sue", "user", "add", "spy", "--role", "observer")
        for token, owner in owners:
            self.execute(f"UPDATE token SET account = '{owner}' WHERE id = '{token}'")
        self.assertIn("'ruth' could not act as OPERATOR then", self.main.run("replay", code=1).out)

    def test_a_proposal_expires_only_where_it_waits(self):
        """ACC-2: a decision of a person does not disappear behind one of the clock's."""
        number = self.proposed("eve")
        self.as_("tom", "proposal", "decline", number, "--why", "nobody knows her")
        undecided = "state = 'WAITING', decided_by = NULL, decided_at = NULL, why = NULL, expires_at = 0"
        self.execute(f"UPDATE proposal SET {undecided} WHERE id = {number}")
        self.as_("ruth", "user", "list")
        self.assertEqual(self.main.one("SELECT count(*) FROM audit WHERE kind = 'proposal-expire'"), 1)
        self.assertIn("it was not due then", self.main.run("replay", code=1).out)

    def test_secrets_are_where_they_belong_and_nowhere_else(self):
        self.firm()
        self.intact(self.main)
        self.as_("ruth", "user", "token", "list")
        for name, token in self.tokens.items():
            search = kit.Search(token)
            self.assertEqual(search.everywhere(self.main), [], name)
            digest = hashlib.sha256(token.encode()).digest()
            holding = [
                table
                for table in self.main.backend.tables()
                for row in self.main.rows(f"SELECT * FROM {table}")
                if any(digest in kit.plain(value) for value in row if isinstance(kit.plain(value), bytes))
                or digest.hex() in str(row)
            ]
            # Of a token that its owner made, the fingerprint is what two people agreed on.
            agreed = {"act", "proposal"} if name == "tom" else set()
            self.assertEqual(set(holding), {"token_secret"} | agreed, name)

    def execute(self, sql, unchecked=False):
        """Changes a table behind the program's back."""
        with self.main.backend.connect() as connection:
            if unchecked and self.backend is kit.Sqlite:
                connection.execute("PRAGMA ignore_check_constraints = ON")
            elif unchecked:
                connection.execute("ALTER TABLE account DROP CONSTRAINT IF EXISTS account_check")
            connection.execute(sql)


class PeopleOnSqlite(People, kit.OnSqlite):
    pass


class PeopleOnPostgresql(People, kit.OnPostgresql):
    pass
