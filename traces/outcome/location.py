"""Where a redirect leads, without what is different every time: `/checkout/thank-you/{...}`."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final
from urllib.parse import parse_qsl, unquote

from traces.outcome.bounds import MAX_NAMED, clipped
from traces.outcome.telling import Mark, told
from traces.shapes import is_id_segment, names_one

_LONGEST: Final = 8_192
#: RFC 3986, 3: scheme and authority may both be missing.
#: An order's, without a digit if chance has it so.
_CODE: Final = re.compile(r"(?=[0-9]*[A-Z])[A-Z0-9]{4,16}")
_URL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*+:)?(?://([^/?#]*+))?([^?#]*+)(?:\?([^#]*+))?(?:#(.*+))?", re.S)


def place(location: bytes, own: Container[str] | None = None) -> str:
    """The path of a redirect's target, ids left open; with its host when that is not one of the service's `own`.

    own: host[:port] in lower case; None when every host counts as the service's.

    A fragment that is a path counts too: it is how an application in the browser names its pages.
    """
    host, path, _, fragment = _parts(location)
    foreign = f"//{host}" if host and own is not None and host.lower() not in own else ""
    inside = f"#{_open(fragment)}" if fragment.startswith(("/", "!/")) else ""
    return clipped(f"{foreign}{_open(path) or '/'}{inside}")


def leads_alike(recorded: str, live: str) -> bool:
    """Are two places the same? A redirect that left the service must still name a host, if only a double's."""
    foreign, answered = recorded.startswith("//"), live.startswith("//")
    return (answered or not foreign) and _path(recorded) == _path(live)


def _path(target: str) -> str:
    return f"/{target[2:].partition('/')[2]}" if target.startswith("//") else target


def marks(location: bytes) -> tuple[Mark, ...]:
    """What the query says of the outcome: `?status=failed`, `?error=access_denied`."""
    query = _parts(location)[2]
    try:
        fields = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=64)) if query else {}
    except ValueError:
        return ()
    return told(fields, "location") if fields else ()


def _parts(location: bytes) -> tuple[str, str, str, str]:
    match = _URL.fullmatch(location[:_LONGEST].decode("utf-8", "replace").strip())
    return (match[1] or "", match[2], match[3] or "", match[4] or "") if match else ("", "", "", "")


def _open(path: str) -> str:
    """A path with each segment left open that names one thing among many: an id, a code, a slug with a number in it."""
    segments = [unquote(segment) for segment in path[: 4 * MAX_NAMED].rstrip("/").split("/")]
    return "/".join("{...}" if _is_one(segment) else segment for segment in segments)


def _is_one(segment: str) -> bool:
    return names_one(segment) or is_id_segment(segment) or _CODE.fullmatch(segment) is not None
