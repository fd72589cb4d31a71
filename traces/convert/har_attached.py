"""Bodies that a HAR keeps in files of their own, put where other tools embed them.

Playwright does so (`recordHar` with `content: "attach"`, as it is by default in a .zip and for `routeFromHAR`):

    response.content._file    "5b0e...e4.json": the answer's body, its Content-Encoding undone
    request.postData._file    what was posted, with an empty `text` beside it
    of a WebSocket, response.content._file    "3c2f....jsonl": its messages, each a line as in `_webSocketMessages`

(packages/playwright-core/src/server/har/harTracer.ts there.) Which file a name means says `har_files`.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any, Final

import orjson

from traces.convert.har_fields import Fields
from traces.convert.har_files import Files, Held

#: A longer body is not kept, as the recorder keeps none above its limit. Two of them still fit in a block of a trace.
MAX_BODY: Final = 24 * 1024 * 1024
#: What the files that one HAR names may come to: a name costs nothing, and each may mean the same packed gigabyte.
MAX_TOTAL: Final = 2 * 1024 * 1024 * 1024


class Attached:
    """The files of one HAR, as its entries name them."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._left = MAX_TOTAL

    def embed(self, entry: Fields) -> dict[str, Any]:
        """Put into `entry` what it keeps in files; returns what was too long for that, for the exchange's `extra`.

        Raises ValueError with a text that says what is wrong where in the entry, and nothing else.
        """
        too_long: dict[str, Any] = {}
        for side, body in (("request", "postData"), ("response", "content")):
            message = entry.inner(side)
            place = message.inner(body)
            name = place.text("_file")
            if not name:
                continue
            try:
                held = self._held(name)
                if side == "response" and entry.text("_resourceType") == "websocket":
                    entry.raw["_webSocketMessages"] = _lines(held)
                    continue
                # -1 in Playwright's `mode: "minimal"`; and a body without text is one left out where it has a size.
                place.raw["size"] = message.raw["bodySize"] = held.size
                if held.size > MAX_BODY:
                    place.raw |= {"text": None, "params": None}
                    too_long[f"{side}_body"] = _digest(held)
                else:
                    place.raw |= {"text": b64encode(held.read()).decode(), "encoding": "base64"}
            except ValueError as error:
                raise ValueError(f"{side}.{body}._file {name[:80]!r} {error}") from None
        return too_long

    def _held(self, name: str) -> Held:
        held = self._files.beside(name)
        self._left -= held.size
        if self._left < 0:
            raise ValueError(f"and those before it come to more than {MAX_TOTAL >> 30} GiB: export the HAR in parts")
        return held


def _digest(held: Held) -> dict[str, Any]:
    """What a trace says of a body that it does not keep."""
    digest = hashlib.sha256()
    for chunk in held.chunks():
        digest.update(chunk)
    return {"length": held.size, "sha256": digest.hexdigest()}


def _lines(held: Held) -> list[Any]:
    """The JSON value in each line."""
    if held.size > MAX_BODY:
        raise ValueError(f"is longer than {MAX_BODY >> 20} MiB: record less of this WebSocket")
    values = []
    for number, line in enumerate(held.read().splitlines(), 1):
        try:
            values.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            raise ValueError(f"is not one JSON object a line: line {number} is none") from None
    return values
