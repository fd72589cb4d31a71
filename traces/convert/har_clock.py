"""A HAR entry's durations as clock points, and back.

    startedDateTime = received
    |<-blocked->|<-dns->|<-connect->|<-send->|<-wait->|<-receive->|
                        |    |<-ssl>|        |        |           |
            connect_start   connected       sent    first_byte   last_byte
                                 tls_done

-1, null and absent all mean "does not apply". `ssl` lies inside `connect`; where `time` or the numbers show that a tool
counted it beside (mitmproxy does, and some releases of Charles), it follows `connect`. Playwright's lies inside though
its `time` counts it beside, and is longer than `connect` where there was no TLS.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from traces.convert.har_fields import Fields
from traces.model import Clock

#: A longer duration is a defect of the tool, and its sums might not fit in a trace's instants.
_MAX_MS: Final = 31 * 86_400_000


def clock_of(entry: Fields, epoch: int, *, answered: bool, ssl_inside: bool = False) -> Clock:
    """An entry's clock points, in ns after `epoch` (ns since 1970); no first byte when nothing answered.

    ssl_inside: `ssl` is a part of `connect` or nothing, whatever `time` says.
    """
    timings = entry.inner("timings")
    blocked, dns, connect, ssl, send = (_ns(timings, name) for name in ("blocked", "dns", "connect", "ssl", "send"))
    received = entry.instant("startedDateTime") - epoch
    now = received + (blocked or 0) + (dns or 0)
    connect_start = connected = tls_done = None
    if connect is not None:
        connect_start = now
        now += connect
        if ssl is not None and ssl_inside:
            ssl = ssl if ssl <= connect else None
        elif ssl is not None and _is_beside(ssl, connect, entry):
            now += ssl
        connected = now - (ssl or 0)
        tls_done = None if ssl is None else now
    sent = None if send is None and not answered else now + (send or 0)
    first_byte, last_byte = _answer(timings, sent if answered else None)
    return Clock(
        received=received,
        sent=sent,
        connect_start=connect_start,
        connected=connected,
        tls_done=tls_done,
        first_byte=first_byte,
        last_byte=last_byte,
    )


def clock_of_mitmproxy(entry: Fields, epoch: int, *, answered: bool) -> Clock:
    """As `clock_of`, for mitmproxy: its connect may lie before the request or inside `wait`, and it does not say where.

    Its `send` ends when the request was whole at the proxy (our `received`), not when it had gone upstream.
    """
    timings = entry.inner("timings")
    received = entry.instant("startedDateTime") - epoch + (_ns(timings, "send") or 0)
    first_byte, last_byte = _answer(timings, received if answered else None)
    return Clock(received=received, sent=received, first_byte=first_byte, last_byte=last_byte)


def timings_of(clock: Clock, epoch: int) -> dict[str, Any]:
    """The standard fields that say when: startedDateTime to the microsecond, durations in ms, `time` their sum.

    A connect that does not end before `sent` has no place in a HAR's row of durations and is left out.
    """
    start, sent = clock.received, clock.sent
    timings: dict[str, float] = {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 0, "receive": 0}
    ready, up, opened = start, clock.connected, clock.connect_start
    if sent is not None and opened is not None and up is not None:
        secure = up if clock.tls_done is None else clock.tls_done
        if start <= opened <= up <= secure <= sent:
            ready = secure
            timings["blocked"], timings["connect"] = (opened - start) / 1e6, (secure - opened) / 1e6
            if clock.tls_done is not None:
                timings["ssl"] = (secure - up) / 1e6
    ends = [ready, sent, clock.first_byte, clock.last_byte]
    for name, begin, end in zip(("send", "wait", "receive"), ends, ends[1:], strict=False):
        if begin is not None and end is not None:
            timings[name] = min(max(0, end - begin) / 1e6, _MAX_MS)
    wall = epoch + start
    moment = datetime.fromtimestamp(wall // 10**9, UTC).replace(microsecond=wall // 1000 % 10**6)
    return {
        "startedDateTime": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        # HAR 1.2: ssl is not added, being inside connect.
        "time": sum(max(0, value) for name, value in timings.items() if name != "ssl"),
        "timings": timings,
    }


def _answer(timings: Fields, sent: int | None) -> tuple[int | None, int | None]:
    """first_byte and last_byte of a request that was answered after `sent`."""
    wait, receive = _ns(timings, "wait"), _ns(timings, "receive")
    if sent is None or wait is None:
        return None, None
    return sent + wait, None if receive is None else sent + wait + receive


def _is_beside(ssl: int, connect: int, entry: Fields) -> bool:
    """Whether `ssl` was counted beside `connect`: it has no room inside, or `time` is the sum with it (to a ms)."""
    if ssl > connect:
        return True
    timings, total = entry.inner("timings"), entry.number("time")
    if total is None or not 0 < total <= _MAX_MS:
        return False
    parts = ("blocked", "dns", "connect", "send", "wait", "receive")
    unexplained = total * 1e6 - sum(_ns(timings, name) or 0 for name in parts)
    return abs(unexplained - ssl) + 1e6 < abs(unexplained)


def _ns(timings: Fields, name: str) -> int | None:
    """A duration in ms as ns; None when it does not apply."""
    value = timings.number(name)
    if value is None or value < 0:
        return None
    if value > _MAX_MS:
        raise ValueError(f"timings.{name} is longer than a month")
    return round(value * 1e6)
