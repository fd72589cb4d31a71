r"""GoReplay's files (`gor --input-raw :8080 --output-file requests.gor`, `.gor.gz`) as exchanges, and back.

    1 <id> <ns since 1970> <ns it took>\n      1 request, 2 response, 3 response to a replay of the request
    GET /orders HTTP/1.1\r\n ...               the message as it was on the wire
    \n🐵🙈🙉\n

The instants are those of packets: the request's first (`received`) and last (`sent`), the response's first and last. In
files of older releases a request has no last field; then `sent` is unknown, and the exchange is flagged `approximate`.

What the format cannot hold: https and HTTP/2 (written as HTTP/1.1), connects, events of a stream, what went wrong,
sessions, endpoints, origins, flags (a flagged exchange is written without its request's last field, so it comes back
flagged `approximate`), ids (they come back counted), the connection's name (equal ones stay equal), that a body without
a length was not kept, and a message with the separator in it. Lengths are made true; Host is added where it is missing.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from traces.convert.http1 import parse_request, parse_response, render_request, render_response
from traces.convert.whole import whole
from traces.model import Clock, Exchange

SEPARATOR: Final = "\n🐵🙈🙉\n".encode()
#: A longer record is no message, but a file without separators.
MAX_RECORD: Final = 64 * 1024 * 1024
_META: Final = re.compile(rb"([123]) ([!-~]{1,64}) (\d{1,19})(?: (-?\d{1,16}))?")
_LAST_NS: Final = 7_258_118_400 * 10**9  # the year 2200
#: GoReplay's ids are 24 digits: 16 of the connection's ports and address, 8 of a sequence number (tcp_message.go).
_DIGITS: Final = re.compile(r"[0-9a-f]{16}")
_NO_CONNECTION: Final = "0" * 16
_CHUNK: Final = 1024 * 1024


class GoReplayError(ValueError):
    """The file is not GoReplay's, or an exchange does not fit in one; its text is a sentence."""


class _Record(NamedTuple):
    number: int
    kind: int
    id: str
    at: int
    took: int | None
    message: bytes


class _Pairs(NamedTuple):
    """Which record answers which: by the numbers of their records."""

    epoch: int
    asked_by: dict[int, int]
    answered: set[int]


def read(path: Path) -> tuple[int, Iterator[Exchange]]:
    """The epoch (ns since 1970) and the exchanges, in the order of their requests; responses to nothing passed over.

    The file is read twice, first for the pairs. A response to a replay (3) stands only where the original (2) is
    missing. What a killed GoReplay leaves at the end, a record without separator or an open gzip stream, is kept as far
    as it is whole; GoReplay itself would lose it.

    Raises GoReplayError at once when a record has no header line of GoReplay's, and from the iterator when a message is
    not HTTP/1.x. It names the record, counted from 1.
    """
    pairs = _pair(path)
    if pairs is None:
        raise GoReplayError(f"{path} holds no requests of GoReplay's.")
    return pairs.epoch, _exchanges(path, pairs)


def write(exchanges: Iterable[Exchange], path: Path, *, epoch_ns: int) -> int:
    """Write `exchanges` to `path`, gzipped when it ends in .gz; returns how many. It appears whole or not at all.

    epoch_ns: the wall-clock of instant 0, ns since 1970.

    Raises GoReplayError when an exchange cannot be one of the format's, OSError as the file system does.
    """
    count = 0
    with whole(path) as plain, ExitStack() as stack:
        # No name and no time inside: the same trace gives the same file.
        packed = path.suffix == ".gz"
        file = stack.enter_context(gzip.GzipFile("", "wb", fileobj=plain, mtime=0)) if packed else plain
        for count, exchange in enumerate(exchanges, 1):
            try:
                for record in _render(exchange, count, epoch_ns):
                    file.write(record)
            except ValueError as error:
                raise GoReplayError(f"Exchange {exchange.id} does not fit in {path}: {error}.") from None
    return count


def _render(exchange: Exchange, count: int, epoch: int) -> Iterator[bytes]:
    request, response, clock = exchange.request, exchange.response, exchange.clock
    identity = f"{_connection_digits(exchange.connection)}{count & 0xFFFFFFFF:08x}"
    clean = clock.sent is not None and (response is None or clock.first_byte is not None) and not exchange.flags
    sent = clock.received if clock.sent is None else clock.sent
    took = sent - clock.received if clean else None
    yield _record(1, identity, epoch + clock.received, took, render_request(request))
    if response is not None:
        first = sent if clock.first_byte is None else clock.first_byte
        # As the older releases counted, where there is no last field as they wrote none.
        began = first if clean else clock.received
        took = None if clock.last_byte is None else clock.last_byte - began
        yield _record(2, identity, epoch + first, took, render_response(response, request.method))


def _record(kind: int, identity: str, at: int, took: int | None, message: bytes) -> bytes:
    if (message + SEPARATOR).index(SEPARATOR) != len(message):
        raise ValueError("it holds the line that separates records")
    last = "" if took is None or took < 0 else f" {took}"
    return f"{kind} {identity} {at}{last}\n".encode() + message + SEPARATOR


def _connection_digits(connection: str) -> str:
    if not connection:
        return _NO_CONNECTION
    return connection if _DIGITS.fullmatch(connection) else blake2b(connection.encode(), digest_size=8).hexdigest()


def _pair(path: Path) -> _Pairs | None:
    """Which record answers which; None when the file holds no requests. Equal ids are paired in their order."""
    by_id: dict[str, tuple[list[int], list[int], list[int]]] = {}
    epoch: int | None = None
    for record in _records(path):
        by_id.setdefault(record.id, ([], [], []))[record.kind - 1].append(record.number)
        if record.kind == 1:
            epoch = record.at if epoch is None else min(epoch, record.at)
    if epoch is None:
        return None
    asked_by: dict[int, int] = {}
    for requests, originals, again in by_id.values():
        answers = originals or again
        asked_by.update(zip(answers, requests, strict=False))
    return _Pairs(epoch, asked_by, set(asked_by.values()))


def _exchanges(path: Path, pairs: _Pairs) -> Iterator[Exchange]:
    """One exchange a request; a request waits for its response, and those after it for it."""
    queue: deque[_Record] = deque()
    answers: dict[int, _Record] = {}
    count = 0
    for record in _records(path):
        if record.kind == 1:
            queue.append(record)
        elif record.number in pairs.asked_by:
            answers[pairs.asked_by[record.number]] = record
        while queue and (queue[0].number in answers or queue[0].number not in pairs.answered):
            asked = queue.popleft()
            yield _exchange(path, count, asked, answers.pop(asked.number, None), pairs.epoch)
            count += 1


def _exchange(path: Path, count: int, asked: _Record, answer: _Record | None, epoch: int) -> Exchange:
    record = asked
    try:
        request, _ = parse_request(asked.message)
        if answer is not None:
            record = answer
        response = None if answer is None else parse_response(answer.message, request.method)[0]
    except ValueError as error:
        raise GoReplayError(f"Record {record.number} of {path} is not an HTTP/1.x message: {error}.") from None
    received = asked.at - epoch
    sent = received + (asked.took or 0)
    first_byte = last_byte = None
    if answer is not None and answer.kind == 2:
        first_byte = answer.at - epoch
        # In the older releases the last field counted from the request's first packet.
        began = first_byte if asked.took is not None else received
        last_byte = None if answer.took is None else max(first_byte, began + answer.took)
    elif answer is not None and answer.took is not None:
        # The replay was at another time; only how long it took means something here.
        last_byte = sent + answer.took
    connection = asked.id[:16] if len(asked.id) == 24 else ""
    return Exchange(
        id=count,
        clock=Clock(received=received, sent=sent, first_byte=first_byte, last_byte=last_byte),
        request=request,
        response=response,
        connection="" if connection == _NO_CONNECTION else connection,
        # Without --input-raw-track-response it records none.
        error="no response recorded" if answer is None else None,
        flags=() if asked.took is not None and (answer is None or answer.kind == 2) else ("approximate",),
    )


def _records(path: Path) -> Iterator[_Record]:
    """The file's records, numbered from 1; the one after the last separator only when it is whole."""
    number = 0
    for block, ended in _blocks(path):
        line, _, message = block.partition(b"\n")
        match = _META.fullmatch(line.rstrip(b"\r"))
        if match is not None and int(match[3]) < _LAST_NS and (ended or _is_whole(int(match[1]), message)):
            number += 1
            took = int(match[4]) if match[4] else None
            yield _Record(
                number=number,
                kind=int(match[1]),
                id=match[2].decode(),
                at=int(match[3]),
                took=took if took is None or took >= 0 else None,
                message=message,
            )
        elif ended or not number:
            raise GoReplayError(
                f"{path} is not GoReplay's: record {number + 1} does not begin with a type, an id and a time in ns."
            )


def _is_whole(kind: int, message: bytes) -> bool:
    try:
        # An answer to HEAD cannot be told here; without its body it counts as cut off.
        return parse_request(message)[1] if kind == 1 else parse_response(message, b"GET")[1]
    except ValueError:
        return False


def _blocks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """What stands between separators, and whether one stands after it."""
    rest = b""
    with ExitStack() as stack:
        for chunk in _chunks(path, stack.enter_context(path.open("rb"))):
            # From just before the new bytes: a separator may lie across the seam.
            if SEPARATOR not in rest[-len(SEPARATOR) :] + chunk:
                rest += chunk
            else:
                *blocks, rest = (rest + chunk).split(SEPARATOR)
                yield from ((block, True) for block in blocks if block)
            if len(rest) > MAX_RECORD:
                raise GoReplayError(f"{path} is not GoReplay's: a record in it is longer than {MAX_RECORD >> 20} MiB.")
    if rest:
        yield rest, False


def _chunks(path: Path, file: BinaryIO) -> Iterator[bytes]:
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    try:
        if packed:
            with gzip.GzipFile(fileobj=file) as stream:
                # read1: what was unpacked before the stream breaks off is not lost.
                while chunk := stream.read1(_CHUNK):
                    yield chunk
        else:
            while chunk := file.read(_CHUNK):
                yield chunk
    except EOFError:
        return  # GoReplay closes a gzip stream only when it ends well.
    except (gzip.BadGzipFile, zlib.error) as error:
        raise GoReplayError(f"{path} is damaged: its gzip stream cannot be unpacked ({error}).") from None
