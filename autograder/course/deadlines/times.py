"""Moments as people write and read them: in the course's time zone, `c.Exchange.timezone`, or with one of their own."""

import datetime as dt
from zoneinfo import ZoneInfo

from autograder.course.errors import UsageError

_MINUTE = "%Y-%m-%d %H:%M"
_END_OF_DAY = dt.time(23, 59, 59)


def zone_of(name: str) -> dt.tzinfo:
    """Return a time zone.

    Raises:
        UsageError: there is none of that name.
    """
    found = _zone(name)
    if found is None:
        raise UsageError(f"c.Exchange.timezone: there is no time zone {name!r}: write one as 'Europe/Berlin'")
    return found


def moment(text: str, zone: dt.tzinfo) -> dt.datetime:
    """Return the moment that a text names, in UTC and without a time zone; a date alone is its last second.

    Args:
        text: as `2026-12-01`, `2026-12-01 18:00`, `2026-12-01 18:00 Europe/Berlin` or ISO 8601 with an offset.
        zone: of a text that names none.

    Raises:
        UsageError: it names none.
    """
    said, _, last = text.strip().rpartition(" ")
    own = _zone(last) if said and last[:1].isalpha() else None
    try:
        found = dt.datetime.fromisoformat(said if own else text.strip())
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no moment: write '2026-12-01 18:00', with a time zone behind it if need be"
        ) from error
    if _is_date(said if own else text.strip()):
        found = dt.datetime.combine(found, _END_OF_DAY)
    if found.tzinfo is None:
        found = found.replace(tzinfo=own or zone)
    try:
        return found.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise UsageError(f"{text!r} is too far away") from error


def shown(when: dt.datetime, zone: dt.tzinfo) -> str:
    """Return a moment of the gradebook's, for people: to the minute, with the name of the time zone."""
    local = when.replace(tzinfo=dt.UTC).astimezone(zone)
    return f"{local.strftime(_MINUTE)} {local.tzname()}"


def iso(when: dt.datetime) -> str:
    """Return a moment of the gradebook's as ISO 8601, in UTC."""
    return when.replace(tzinfo=dt.UTC).isoformat()


def span(seconds: float) -> str:
    """Return a length of time in the two largest units that it has."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")) if count]
    return " ".join(parts[:2]) or "0 s"


def _zone(name: str) -> dt.tzinfo | None:
    if name == "UTC":
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # KeyError: there is none; the others: it can be no name of one
        return None


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
