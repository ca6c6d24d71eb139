"""When does a pipeline run, and in which environment?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlcheck.apis.facts import Api
from sqlcheck.documents.bodies import Body, bodies
from sqlcheck.documents.document import Document
from sqlcheck.model import Finding

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z\Z", re.ASCII)
_FORM = "a time is written as `2026-01-31T08:00:00Z`, in UTC"
_TIMES = ("schedule_start_time", "schedule_end_time")
_LAST_SAFE_DAY = 28
_DAYS_A_MONTH, _DAYS_A_YEAR = 30.5, 365.25


def unsettled_interval(document: Document, api: Api) -> Iterator[Finding]:
    """Report an interval that the vendor's pages do not agree on."""
    for body in _pipelines(document):
        found = body.settled("schedule_interval")
        if found and found[1] in api.unsettled_intervals:
            message = f"`{found[1]}` is in the vendor's quickstart, but not among the intervals of its reference"
            settled = [name for name in api.intervals if name not in api.unsettled_intervals]
            advice = f"the reference has {', '.join(f'`{name}`' for name in settled)}"
            yield Finding(body.place(found[0]), message, advice)


def bad_time(document: Document) -> Iterator[Finding]:
    """Report a time that is not ISO 8601 in UTC."""
    for body in _pipelines(document):
        for name in _TIMES:
            found = body.settled(name)
            if found and _instant(body, name) is None:
                yield Finding(body.place(found[0]), *_explain(found[1]))


def reversed_schedule(document: Document) -> Iterator[Finding]:
    """Report an end that is not after the start."""
    for body in _pipelines(document):
        start, end = (_instant(body, name) for name in _TIMES)
        node = body.get("schedule_end_time")
        if start and end and node and end <= start:
            advice = "it would never run: swap the two, or leave the end out"
            yield Finding(body.place(node), f"{body.title} ends before it starts, or at once", advice)


def misleading_start(document: Document, now: datetime) -> Iterator[Finding]:
    """Report a start on a day that not every month has, and one that is still to come when the hour is over."""
    for body in _pipelines(document):
        node, start = body.get("schedule_start_time"), _instant(body, "schedule_start_time")
        if node is None or start is None or body.reply:
            continue
        interval = body.settled("schedule_interval")
        if interval and interval[1] == "monthly" and start.day > _LAST_SAFE_DAY:
            message = f"not every month has a day {start.day}, on which {body.title} runs"
            yield Finding(body.place(node), message, "start on one of the days 1 to 28")
        if start - now >= timedelta(hours=1):
            advice = "nothing is synced before; leave it out to start at once"
            yield Finding(body.place(node), f"{body.title} starts in the future", advice)


def exceeded_catch_up(document: Document, api: Api, now: datetime) -> Iterator[Finding]:
    """Report a start that lies further back than mParticle catches up."""
    for body in _pipelines(document):
        node, start = body.get("schedule_start_time"), _instant(body, "schedule_start_time")
        interval = body.settled("schedule_interval")
        days = api.catch_up_days.get(interval[1]) if interval else None
        if node and start and interval and days is not None and not body.reply and now - start > timedelta(days=days):
            message = f"{body.title} runs {interval[1]} and catches up {_stretch(days)}; its start is further back"
            since = (now - timedelta(days=days)).strftime("%Y-%m-%d")
            yield Finding(body.place(node), message, f"start after {since}, or choose a longer interval")


def implicit_environment(document: Document) -> Iterator[Finding]:
    """Report a pipeline that does not say where its data goes."""
    for body in _pipelines(document):
        if body.get("environment") is None:
            advice = "write `development` or `production`: what happens without is not documented"
            yield Finding(body.start, f"{body.title} has no `environment`", advice)


def _pipelines(document: Document) -> Iterator[Body]:
    return (body for body in bodies(document) if body.kind == "pipeline")


def _instant(body: Body, name: str) -> datetime | None:
    found = body.settled(name)
    written = _TIME.match(found[1]) if found else None
    if written is None:
        return None
    try:
        return datetime.strptime(written.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _stretch(days: int) -> str:
    if days < 2 * _DAYS_A_MONTH:
        return f"{days} days"
    if days < 2 * _DAYS_A_YEAR:
        return f"{round(days / _DAYS_A_MONTH)} months"
    return f"{round(days / _DAYS_A_YEAR)} years"


def _explain(text: str) -> tuple[str, str]:
    if _TIME.match(text):
        return f"there is no such day or hour as `{text}`", _FORM
    if _TIME.match(text + "Z"):
        return f"`{text}` does not say its time zone", f"append `Z`: `{text}Z`"
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?[+-]\d\d:?\d\d\Z", text):
        return f"`{text}` is not in UTC", _FORM
    return f"`{text}` is not a time", _FORM
