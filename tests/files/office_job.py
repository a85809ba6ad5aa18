"""Runs under the system's Python, the one that has LibreOffice's `uno` module: does one job in a running LibreOffice.

    python3 office_job.py PIPE < job.json > answer.json

A job: {"open": path, "steps": [...], "save": path, "filter": name, "options": text}. Steps, in order; `row` counts from the
line under the header, and the header is the first line of the sheet that is not empty:

    {"do": "set", "sheet": S, "column": header, "row": n, "as": "typed" | "text" | "number", "value": v}
    {"do": "read", "sheet": S, "column": header, "row": n}     what the cell shows, added to the answer's "read"
    {"do": "locked", "sheet": S, "column": header}             tries to overwrite the header: does it stay? added to "locked"
    {"do": "look", "sheet": S}                                 its charts by title, cells, and heads on paper; added to "looked"
    {"do": "recalculate"}
    {"do": "show", "sheet": S}                                 makes S the sheet a text export writes

{"quit": true} ends LibreOffice. "typed" is what a person types: LibreOffice decides whether it is a date, a number or text.
"""

import json
import os
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import DisposedException
from com.sun.star.connection import NoConnectException


def connect(pipe, seconds=90):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + seconds
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except NoConnectException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def used(sheet):
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    address = cursor.RangeAddress
    return address.EndRow, address.EndColumn


def header(sheet, title):
    """The cell that holds `title` in the first line that is not empty: (line, column), from 0."""
    last_row, last_column = used(sheet)
    for line in range(last_row + 1):
        shown = [sheet.getCellByPosition(n, line).String.strip().lower() for n in range(last_column + 1)]
        if any(shown):
            if title.lower() not in shown:
                raise SystemExit(f"no column {title!r} among {shown}")
            return line, shown.index(title.lower())
    raise SystemExit("the sheet is empty")


def put(cell, kind, value):
    # Only the Formula properties respect a sheet's protection, so the first of them finds out whether the cell is locked.
    cell.FormulaLocal = "?"
    if cell.String != "?":
        raise SystemExit(f"the cell {cell.AbsoluteName} is locked")
    if kind == "typed":
        cell.FormulaLocal = value
    elif kind == "text":
        cell.setString(value)
    elif kind == "number":
        cell.setValue(float(value))
    else:
        raise SystemExit(f"no such kind {kind!r}")
    if cell.String == "?":
        raise SystemExit(f"the cell {cell.AbsoluteName} does not take {value!r}")
    if cell.getError():
        raise SystemExit(f"the cell {cell.AbsoluteName} shows an error")


def look(document, sheet):
    """What a person sees of a sheet: the cells as they are shown, the charts, and what stands on each sheet of paper."""
    last_row, last_column = used(sheet)
    cells = [[sheet.getCellByPosition(n, line).String for n in range(last_column + 1)] for line in range(last_row + 1)]
    charts = [sheet.Charts.getByIndex(n).EmbeddedObject for n in range(sheet.Charts.Count)]
    styles = document.StyleFamilies.getByName("PageStyles")
    page = styles.getByName(sheet.PageStyle)
    parts = lambda area: [text.String for text in (area.LeftText, area.CenterText, area.RightText)]
    return {
        "cells": cells,
        "charts": [chart.Title.String for chart in charts],
        "head": parts(page.RightPageHeaderContent),
        "foot": parts(page.RightPageFooterContent),
        "repeated": [sheet.TitleRows.StartRow, sheet.TitleRows.EndRow] if sheet.PrintTitleRows else None,
    }


def step(document, what, answer):
    if what["do"] == "recalculate":
        document.calculateAll()
        return
    sheet = document.Sheets.getByName(what["sheet"])
    if what["do"] == "show":
        document.CurrentController.setActiveSheet(sheet)
        return
    if what["do"] == "look":
        answer["looked"].append(look(document, sheet))
        return
    line, column = header(sheet, what["column"])
    if what["do"] == "locked":
        cell = sheet.getCellByPosition(column, line)
        before = cell.String
        cell.FormulaLocal = "overwritten"
        answer["locked"].append(cell.String == before)
        cell.FormulaLocal = before
        return
    cell = sheet.getCellByPosition(column, line + what["row"])
    if what["do"] == "set":
        put(cell, what["as"], what["value"])
    elif what["do"] == "read":
        answer["read"].append(cell.String)
    else:
        raise SystemExit(f"no such step {what['do']!r}")


def main():
    job = json.load(sys.stdin)
    answer = {"read": [], "locked": [], "looked": []}
    desktop = connect(sys.argv[1])
    if job.get("quit"):
        try:
            desktop.terminate()
        except DisposedException:
            pass  # It has ended before it could answer.
        return
    document = desktop.loadComponentFromURL(
        uno.systemPathToFileUrl(job["open"]), "_blank", 0, properties(Hidden=True, MacroExecutionMode=0)
    )
    if document is None:
        raise SystemExit(f"LibreOffice cannot open {job['open']}")
    try:
        answer["sheets"] = list(document.Sheets.ElementNames)
        for what in job["steps"]:
            step(document, what, answer)
        if "save" in job:
            document.storeToURL(
                uno.systemPathToFileUrl(job["save"]),
                properties(FilterName=job["filter"], FilterOptions=job.get("options", ""), Overwrite=True),
            )
    finally:
        document.close(True)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
    # The job is done. Taking the bridge to LibreOffice down in order is what now and then ends Python with a signal.
    sys.stdout.flush()
    os._exit(0)
