"""A LibreOffice without a display, with a fresh profile, for the tests that need a second program to fill in workbooks.

Needs Debian's libreoffice-calc and python3-uno. `uno` belongs to the system's Python, so each job runs there.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

XLSX = "Calc MS Excel 2007 XML"
XLSM = "Calc MS Excel 2007 VBA XML"
CSV = "Text - txt - csv (StarCalc)"
# Comma, double quote, UTF-8, from the first line, cells as they are shown.
CSV_OPTIONS = "44,34,76,1,,0,false,true,false"

PYTHON = "/usr/bin/python3"
JOB = pathlib.Path(__file__).with_name("office_job.py")

# A supplier's machine: British dates.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-GB</value></prop></item>
</oor:items>
"""


class Office:
    """A running LibreOffice; `stop` ends it and removes its profile."""

    def __init__(self):
        program = shutil.which("soffice")
        if program is None:
            raise AssertionError("soffice is not installed (Debian: libreoffice-calc)")
        if subprocess.run([PYTHON, "-c", "import uno"], capture_output=True).returncode != 0:
            raise AssertionError("the system's Python has no uno (Debian: python3-uno)")
        self.profile = pathlib.Path(tempfile.mkdtemp(prefix="sluice-office-"))
        (self.profile / "user").mkdir()
        (self.profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
        self.pipe, home = self.profile.name, str(self.profile)
        self.process = subprocess.Popen(
            [
                program,
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                "--nolockcheck",
                f"--accept=pipe,name={self.pipe};urp;",
                f"-env:UserInstallation={self.profile.as_uri()}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "HOME": home, "TMPDIR": home, "SAL_USE_VCLPLUGIN": "svp"},
        )

    def job(self, open, steps=(), save=None, filter=XLSX, options=""):
        """Opens a file, does the steps (see office_job.py) and stores it; what the job read."""
        told = {"open": os.fspath(open), "steps": list(steps)}
        if save is not None:
            told.update(save=os.fspath(save), filter=filter, options=options)
        done = subprocess.run(
            [PYTHON, str(JOB), self.pipe], input=json.dumps(told), capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            raise AssertionError(f"LibreOffice: {done.stderr.strip() or done.stdout}")
        if save is not None and not os.path.exists(save):
            raise AssertionError(f"LibreOffice stored nothing as {save}")
        return json.loads(done.stdout)

    def stop(self):
        # It ends in order when asked to, and takes its pipes with it; if not, it is ended.
        try:
            subprocess.run(
                [PYTHON, str(JOB), self.pipe],
                input='{"quit": true}',
                text=True,
                capture_output=True,
                timeout=30,
            )
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def put(sheet, column, row, value, kind="typed"):
    """A step: fill in one cell."""
    return {"do": "set", "sheet": sheet, "column": column, "row": row, "as": kind, "value": value}


def read(sheet, column, row):
    """A step: what a cell shows."""
    return {"do": "read", "sheet": sheet, "column": column, "row": row}


def fill(sheet, header, rows, kinds=None):
    """Steps that fill whole lines; empty values are left out; `kinds` by column, else as a person types."""
    kinds = kinds or {}
    return [
        put(sheet, title, number, value, kinds.get(title, "typed"))
        for number, row in enumerate(rows, 1)
        for title, value in zip(header, row)
        if value != ""
    ]
