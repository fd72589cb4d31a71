"""A clone's cookies are its own: what the target set in it goes back from it, and from nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from replay.bind import Answer, Program, Step
from replay.bind.template import compile_request
from replay.plan import Start
from replay.wire import parse
from tests.replay.engine.virtual import MS, Played, ok, step
from tests.replay.engine.virtual import program as a_program
from traces.model import Request

#: What the recording's server set.
SERVERS = frozenset({b"sid"})


def cookie_step(index: int, offset: int, after: Sequence[tuple[int, int]] = (), cookie: bytes = b"") -> Step:
    """A GET of /index, recorded with this Cookie header."""
    request = Request(
        method=b"GET",
        scheme=b"http",
        authority=b"shop",
        target=b"/%d" % index,
        headers=((b"cookie", cookie),) if cookie else (),
    )
    template = compile_request(request, (), authority=b"shop", move=lambda literal: literal, set_by_server=SERVERS)
    return replace(step(index, offset, after), template=template)


def visit(name: str = "s", *, keeps_cookies: bool = True) -> Program:
    """Two requests, a second apart; the second was recorded with the server's cookie and one of the client's own."""
    steps = cookie_step(0, 0), cookie_step(1, 1000, [(0, 900)], b"sid=recorded; theme=dark")
    return replace(a_program(*steps, name=name), keeps_cookies=keeps_cookies)


def setting(*set_cookies: bytes) -> Answer:
    answer = ok()
    return replace(answer, headers=(*answer.headers, *((b"Set-Cookie", value) for value in set_cookies)))


def each_its_own(path: str, before: int) -> tuple[float, Answer]:
    """Who asks for /0 for the n-th time is given sid=n."""
    return 0.01, setting(b"sid=%d; Path=/" % before) if path == "/0" else ok()


def cookies(played: Played, path: str = "/1") -> list[bytes | None]:
    """The Cookie header of every request for a path, in the order they went."""
    wires = [parse(wire) for _, asked, _, wire in played.transport.asked if asked == path]
    return [dict(headers).get(b"cookie") for _, _, headers, _ in wires]


def test_what_the_target_sets_goes_back_in_place_of_what_was_recorded() -> None:
    assert cookies(Played([visit()], each_its_own)) == [b"sid=0; theme=dark"]


def test_clones_that_run_at_once_each_send_back_their_own() -> None:
    clones = [Start(due=clone * 100 * MS, journey=0, clone=clone) for clone in range(3)]
    played = Played([visit()], each_its_own, starts=clones)
    assert cookies(played) == [b"sid=%d; theme=dark" % clone for clone in range(3)]


def test_sessions_of_one_clone_each_send_back_their_own() -> None:
    played = Played([visit("a"), visit("b")], each_its_own)
    assert cookies(played) == [b"sid=0; theme=dark", b"sid=1; theme=dark"]


def test_nobodys_first_request_carries_a_cookie() -> None:
    clones = [Start(due=clone * 5000 * MS, journey=0, clone=clone) for clone in range(3)]
    assert cookies(Played([visit()], each_its_own, starts=clones), "/0") == [None] * 3


def test_a_clone_that_was_set_none_sends_none_though_another_was() -> None:
    def script(path: str, before: int) -> tuple[float, Answer]:
        return 0.01, setting(b"sid=live; Path=/") if path == "/0" and before == 0 else ok()

    clones = [Start(due=clone * 100 * MS, journey=0, clone=clone) for clone in range(2)]
    assert cookies(Played([visit()], script, starts=clones)) == [b"sid=live; theme=dark", b"theme=dark"]


def test_a_cookie_that_has_run_out_by_then_is_not_sent() -> None:
    def script(path: str, _before: int) -> tuple[float, Answer]:
        return 0.01, setting(b"sid=live; Path=/; Max-Age=%d" % (1 if path == "/0" else 60))

    # Slower than it was recorded, so that a second has passed.
    assert cookies(Played([visit()], script, speed=0.5)) == [b"theme=dark"]


def test_a_client_that_keeps_no_cookies_is_not_made_to() -> None:
    steps = [step(0), step(1, 1000, [(0, 900)])]
    played = Played([a_program(*steps)], each_its_own)
    assert (cookies(played, "/0"), cookies(played)) == ([None], [None])


def test_what_parallel_answers_set_is_all_sent_back() -> None:
    def script(path: str, _before: int) -> tuple[float, Answer]:
        number = int(path.lstrip("/"))
        return 0.1 * (4 - number), setting(b"c%d=%d; Path=/" % (number, number)) if number < 3 else ok()

    parallel = [replace(cookie_step(n, n), alone=False) for n in range(3)]
    journey = replace(a_program(*parallel, cookie_step(3, 900, [(0, 100), (1, 100), (2, 100)])), keeps_cookies=True)
    (header,) = cookies(Played([journey], script), "/3")
    assert header is not None
    assert set(header.split(b"; ")) == {b"c0=0", b"c1=1", b"c2=2"}
