"""What `har_write` keeps in an entry's `_reprise`, put back.

Rule: it is believed of a request, a response, the instants or the events only while the standard fields beside it are
those that `har_write` makes of it. So an edited HAR says what it shows, and a crafted one cannot show one thing and
replay another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from traces.convert import har_write
from traces.convert.har_clock import timings_of
from traces.convert.har_fields import Fields, bytes_of_base64
from traces.file import codec
from traces.model import Clock, Event, Exchange, Origin, Request, Response

_INSTANTS = ("sent", "connect_start", "connected", "tls_done", "first_byte", "last_byte")


def restore(plain: Exchange, entry: Fields, epoch: int) -> Exchange:
    """`plain`, what the standard fields say, with what they have lost; `plain` itself when there is no `_reprise`.

    Raises ValueError with a text that says what is wrong in it, and nothing else.
    """
    if entry.raw.get("_reprise") is None:
        return plain
    ours = entry.inner("_reprise")
    received = _integer(ours, "received_ns") - epoch
    error = ours.text("error") if "error" in ours.raw else plain.error
    exact = replace(
        plain,
        clock=_clock(ours.inner("clock"), received),
        request=_request(plain.request, ours.inner("request")),
        response=_response(plain.response, ours.inner("response")),
        events=tuple(_event(item, received) for item in ours.items("events")),
        error=error,
        flags=tuple(_flag(item) for item in ours.items("flags")),
        origin=_origin(ours.inner("origin")) if ours.raw.get("origin") is not None else None,
        extra=_extra(ours, plain),
        session=ours.text("session"),
        endpoint=ours.text("endpoint"),
        outcome=ours.text("outcome"),
    )
    try:
        # Numbers too large, texts that are none, `extra` too deep or with names of the format's own: whatever a trace
        # cannot hold ends here, and not in the midst of one.
        exact = codec.decode(codec.encode(_believed(plain, exact, entry, epoch)))
    except (ValueError, TypeError, OverflowError, RecursionError) as cause:
        raise ValueError(f"_reprise is not what a trace can hold ({cause})") from None
    return exact


def number_of(entry: Fields) -> int | None:
    """The id the entry's exchange had in its trace."""
    return entry.inner("_reprise").whole("id")


def epoch_of(log: Fields) -> int | None:
    """The epoch of the trace that the file was written from, ns since 1970."""
    ours = log.inner("_reprise")
    return None if ours.raw.get("epoch_ns") is None else _integer(ours, "epoch_ns")


def _believed(plain: Exchange, exact: Exchange, entry: Fields, epoch: int) -> Exchange:
    raw = entry.raw
    when = timings_of(exact.clock, epoch)
    if any(raw.get(name) != value for name, value in when.items()):
        exact = replace(exact, clock=plain.clock, flags=tuple(dict.fromkeys((*exact.flags, *plain.flags))))
    if raw.get("request") != har_write.request_of(exact.request):
        exact = replace(exact, request=plain.request)
    if raw.get("response") != har_write.response_of(exact.response, exact.error):
        exact = replace(exact, response=plain.response, error=plain.error)
    if (raw.get("_webSocketMessages") or []) != har_write.messages_of(exact.events, epoch):
        exact = replace(exact, events=plain.events)
    return exact


def _clock(fields: Fields, received: int) -> Clock:
    at = {name: fields.whole(name) for name in _INSTANTS}
    return Clock(received=received, **{name: None if value is None else received + value for name, value in at.items()})


def _request(plain: Request, fields: Fields) -> Request:
    parts: dict[str, Any] = _bytes(fields, ("method", "scheme", "authority", "target", "version"))
    return replace(plain, **parts, **_message(fields))


def _response(plain: Response | None, fields: Fields) -> Response | None:
    if not fields.raw:
        return plain
    status = fields.whole("status")
    parts: dict[str, Any] = _bytes(fields, ("reason", "version"))
    if status is not None:
        parts["status"] = status
    return replace(plain or Response(status=0), **parts, **_message(fields))


def _bytes(fields: Fields, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: fields.base64(name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _message(fields: Fields) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if "body" in fields.raw:
        parts["body"] = fields.base64("body")
    if "headers" in fields.raw:
        flat = [bytes_of_base64(item, "_reprise.headers") for item in fields.items("headers")]
        if len(flat) % 2:
            raise ValueError("_reprise.headers is not names and values")
        parts["headers"] = tuple(zip(flat[::2], flat[1::2], strict=True))
    return parts


def _event(item: Any, received: int) -> Event:
    if type(item) is not list or [type(part) for part in item] != [int, str, bool, str]:
        raise ValueError("_reprise.events is not events")
    at, kind, from_client, data = item
    return Event(at=received + at, kind=kind, from_client=from_client, data=bytes_of_base64(data, "_reprise.events"))


def _flag(item: Any) -> str:
    if type(item) is not str:
        raise ValueError("_reprise.flags is not texts")
    return item


def _origin(fields: Fields) -> Origin:
    numbers = {name: fields.whole(name) for name in ("of", "clone", "lap", "due", "lateness")}
    given = {name: value for name, value in numbers.items() if value is not None}
    if "of" not in given:
        raise ValueError("_reprise.origin.of is missing")
    return Origin(poll=fields.whole("poll"), **given)


def _extra(ours: Fields, plain: Exchange) -> Any:
    if "extra" in ours.raw:
        return ours.inner("extra").raw
    packed = ours.base64("extra_msgpack")
    if packed is None:
        return plain.extra
    import msgpack

    try:
        extra = msgpack.unpackb(packed, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException):
        raise ValueError("_reprise.extra_msgpack is not msgpack") from None
    return Fields(extra, "_reprise.extra_msgpack").raw


def _integer(fields: Fields, name: str) -> int:
    text = fields.need(name)
    # 19 digits are what a trace holds; more would cost more the longer they are.
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 21):
        raise ValueError(f"_reprise.{name} is not ns since 1970")
    return int(text)
