"""What every world is: a server and its visitors, without a socket or a clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final, Literal

from bench.twins import saying
from bench.twins.answer import Reply
from bench.twins.issuer import Issuer
from bench.twins.saying import Said, Value
from bench.twins.text import Text, text
from bench.twins.users import User

#: one:  all clients behind one connection. pool: a few connections, whichever is free. own: each visitor has one.
#: kept: a proxy's idle connections, handed on from one visitor to the next.
Connections = Literal["one", "pool", "own", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request, and what the server does when it arrives.

    poll: attempts in a row under one name are one step, repeated until its answer is what the client waits for.
    """

    said: Said
    reply: Callable[[], Reply]
    poll: str = ""


_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
_SCRIPT: Final = "python-requests/2.32.5"

#: A visitor's script: it yields what it asks (several at once: in parallel) and is sent the answer (or as many).
Script = Generator[Ask | tuple[Ask, ...], Any, None]


class World(ABC):
    """A server with its state, made anew for each run, and the scripts of those who visit it.

    covers:  what a learner must be able to do here, in a line.
    ballast: the field of its answers that holds what nobody needs; "" for none.
    house:   what clients of one house tell each other: a token that one of them fetched for all.
    """

    name: ClassVar[str]
    covers: ClassVar[str]
    connections: ClassVar[Connections]
    ballast: ClassVar[str] = "meta"

    def __init__(self, issue: Issuer) -> None:
        self.issue = issue
        self.house: dict[str, Text] = {}

    @property
    def host(self) -> str:
        return f"{self.name}.example"

    @abstractmethod
    def visit(self, user: User) -> Script:
        """One user's journey."""

    def opening(self, user: User) -> Script | None:  # noqa: ARG002 - most worlds have none
        """What one client does before anybody visits."""
        return None


def ask(
    method: str,
    path: Text | str,
    answer: Callable[..., Reply],
    *given: object,
    whole: bool = False,
    query: Mapping[str, Value] | None = None,
    auth: tuple[str, Text] | None = None,
    cookies: Mapping[str, Text] | None = None,
    headers: Mapping[str, Value] | None = None,
    json: Any = None,
    form: Mapping[str, Value] | None = None,
    parts: Mapping[str, Value] | None = None,
    poll: str = "",
) -> Ask:
    """A request and, when it arrives, `answer(*given)`.

    whole: the path came from an answer as it is, query and all.
    """
    browser = cookies is not None
    said = [saying.header("user-agent", text(_BROWSER if browser else _SCRIPT))]
    said.append(saying.header("accept", text("text/html,*/*;q=0.8" if browser else "application/json")))
    if auth is not None:
        said.append(saying.authorization(*auth))
    if cookies:
        said.append(saying.cookie(cookies))
    said += [saying.header(name, text(value)) for name, value in (headers or {}).items()]
    body: tuple[saying.Piece, ...] = ()
    if json is not None:
        body = saying.json_body(json)
        said.append(saying.header("content-type", text("application/json")))
    elif form is not None:
        body = saying.form_body(form)
        said.append(saying.header("content-type", text("application/x-www-form-urlencoded")))
    elif parts is not None:
        body = saying.multipart_body(parts)
        said.append(saying.header("content-type", text(f"multipart/form-data; boundary={saying.BOUNDARY}")))
    return Ask(
        said=Said(
            method=method,
            target=saying.whole_target(text(path)) if whole else saying.path_target(path, query),
            headers=tuple(said),
            body=body,
        ),
        reply=partial(answer, *given),
        poll=poll,
    )
