"""A tiny reader of iCalendar (RFC 5545), strict about what calendar programs trip over."""

import re
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

_LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(.*)", re.DOTALL)


class Malformed(Exception):
    """The text is not a calendar that this reader takes."""


def _unfold(data: bytes) -> list[str]:
    if not data.endswith(b"\r\n"):
        raise Malformed("does not end with CRLF")
    physical = data[:-2].split(b"\r\n")
    logical: list[str] = []
    for number, raw in enumerate(physical, 1):
        if b"\r" in raw or b"\n" in raw:
            raise Malformed(f"line {number}: a CR or LF alone")
        if len(raw) > 75:
            raise Malformed(f"line {number}: {len(raw)} octets, more than 75")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(f"line {number}: folded inside a character") from error
        if text[:1] in (" ", "\t"):
            if not logical:
                raise Malformed("the first line is a continuation")
            logical[-1] += text[1:]
        elif text:
            logical.append(text)
        else:
            raise Malformed(f"line {number}: empty")
    return logical


def events(data: bytes) -> list[dict[str, tuple[str, str]]]:
    """The events of the one calendar in `data`: property name -> (parameters, value)."""
    open_blocks: list[str] = []
    calendar: dict[str, str] = {}
    found: list[dict[str, tuple[str, str]]] = []
    for line in _unfold(data):
        match = _LINE.fullmatch(line)
        if not match:
            raise Malformed(f"not a content line: {line!r}")
        name, parameters, value = match[1].upper(), match[2], match[3]
        if name == "BEGIN":
            if not open_blocks and (value != "VCALENDAR" or calendar):
                raise Malformed(f"{value} where one VCALENDAR is expected")
            open_blocks.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            if not open_blocks or open_blocks.pop() != value:
                raise Malformed(f"END:{value} closes nothing")
        elif not open_blocks:
            raise Malformed(f"{name} outside the calendar")
        elif open_blocks[-1] == "VEVENT":
            if name in found[-1]:
                raise Malformed(f"{name} twice in an event")
            found[-1][name] = (parameters, value)
        elif open_blocks == ["VCALENDAR"]:
            calendar[name] = value
    if open_blocks:
        raise Malformed(f"not closed: {open_blocks}")
    if calendar.get("VERSION") != "2.0" or not calendar.get("PRODID"):
        raise Malformed("VERSION:2.0 or PRODID is missing")
    for event in found:
        for needed in ("UID", "DTSTAMP", "DTSTART", "SUMMARY"):
            if not event.get(needed, ("", ""))[1]:
                raise Malformed(f"an event without {needed}: {event}")
    return found


def instant(prop: tuple[str, str]) -> datetime:
    """The instant of a date-time property: in UTC, or local with TZID."""
    parameters, value = prop
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    zone = re.search(r";TZID=\"?([^\";]+)", parameters)
    if not zone:
        raise Malformed(f"a time without zone: {value}")
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(zone[1]))
