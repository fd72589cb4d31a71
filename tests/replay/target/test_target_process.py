"""The target as a process: it starts, says where it is, keeps its limits, and never outlives who started it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from httpx import Client  # noqa: TID251 - the fixture's one client a test

from replay.cli import main
from replay.target import DEFAULT_TOKEN, Limit, Settings, Slowdown, Target, TargetError, orders

ORGANIZATION = {"authorization": f"Bearer {DEFAULT_TOKEN}"}
REPLAY = [sys.executable, "-c", "from replay.cli import main; main()"]


def is_gone(url: str) -> bool:
    """Whether nothing listens at `url` any more, within a few seconds."""
    host, _, port = url.removeprefix("http://").partition(":")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.02)
    return False


def create(http: Client, target: Target) -> str:
    """The URL of a new checkout of the free product."""
    product = http.get(f"{target.url}/v1/products/", headers=ORGANIZATION).json()["items"][0]["id"]
    body = {"product_id": product, "customer_email": "ann@example.com"}
    secret = http.post(f"{target.url}/v1/checkouts/", headers=ORGANIZATION, json=body).json()["client_secret"]
    return f"{target.url}/v1/checkouts/client/{secret}"


@contextmanager
def command(*args: str) -> Iterator[subprocess.Popen[str]]:
    """`replay ...` as a process of its own; killed at the end if it still runs."""
    with subprocess.Popen([*REPLAY, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_started_target_is_healthy(http: Client, target: Target) -> None:
    assert http.get(f"{target.url}/healthz").text == "ok"


def test_a_stopped_target_leaves_neither_process_nor_file() -> None:
    with Target() as target:
        pass
    assert (is_gone(target.url), target.db.parent.exists()) == (True, False)


def test_stopping_does_not_wait_for_open_streams(http: Client) -> None:
    with Target() as target, http.stream("GET", f"{create(http, target)}/stream") as response:
        next(response.iter_lines())
        start = time.monotonic()
        target.stop()
        assert time.monotonic() - start < 1


def test_a_target_ends_when_its_parent_is_killed() -> None:
    script = "from replay.target import Target; import time; print(Target().url, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        parent.kill()
    assert is_gone(url)


def test_a_kept_database_keeps_its_products_and_orders(http: Client, tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "shop.db"), worker_delay=0.01)
    pages = []
    for _ in range(2):
        with Target(settings) as target:
            pages.append(http.get(f"{target.url}/v1/products/", headers=ORGANIZATION).json())
            checkout = create(http, target)
            http.post(f"{checkout}/confirm", json={})
            while http.get(checkout).json()["status"] != "succeeded":
                time.sleep(0.02)
    assert (pages[0] == pages[1], orders(target.db)) == (True, 2)


def test_past_its_time_to_live_an_open_checkout_is_410(http: Client) -> None:
    with Target(Settings(ttl=0.2)) as target:
        checkout = create(http, target)
        time.sleep(0.25)
        answers = [http.get(checkout), http.patch(checkout, json={}), http.post(f"{checkout}/confirm", json={})]
    assert [answer.status_code for answer in answers] == [410, 410, 410]


@pytest.fixture(scope="module")
def limited() -> Iterator[Target]:
    """A target that lets each caller ask twice an hour."""
    with Target(Settings(rate_limit=Limit(count=2, window=3600))) as target:
        yield target


def test_over_the_limit_it_is_429_for_that_token_only(http: Client, limited: Target) -> None:
    url = f"{limited.url}/v1/products/"
    statuses = [http.get(url, headers=ORGANIZATION).status_code for _ in range(3)]
    other = http.get(url, headers={"authorization": "Bearer other"}).status_code
    assert (statuses, other) == ([200, 200, 429], 401)


def test_who_has_no_token_is_limited_by_address_and_told_how_long(http: Client, limited: Target) -> None:
    last = [http.get(f"{limited.url}/v1/checkouts/client/none") for _ in range(3)][-1]
    assert (last.status_code, 3500 < int(last.headers["retry-after"]) <= 3600) == (429, True)


def test_health_is_never_limited(http: Client, limited: Target) -> None:
    assert [http.get(f"{limited.url}/healthz").status_code for _ in range(3)] == [200, 200, 200]


def test_a_slowed_endpoint_is_slow_and_its_neighbour_is_not(http: Client) -> None:
    with Target(Settings(slow=(Slowdown(endpoint="get", extra=0.5),))) as target:
        checkout = create(http, target)
        start = time.monotonic()
        http.patch(checkout, json={})
        middle = time.monotonic()
        http.get(checkout)
        end = time.monotonic()
    assert (middle - start < 0.5, end - middle >= 0.5) == (True, True)


def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"Cannot use .* as the target's database"):
        Target(Settings(db=str(tmp_path / "none" / "shop.db")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_it_listens_and_ends_cleanly(number: signal.Signals) -> None:
    with command("target", "--port", "0") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert (line[:37], process.returncode, errors) == ("listening on http://127.0.0.1:" + line[30:37], 0, "")


def test_a_port_in_use_is_one_sentence_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(SystemExit) as stop:
            main(["target", "--port", port])
    expected = f"Port {port} is already in use; choose another one, or 0 for any that is free."
    assert (stop.value.code, expected in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--slow", "pay=x2"], "create, update, get, confirm"),
        (["--slow", "confirm=lots"], "confirm=+30%"),
        (["--rate-limit", "100"], "100/min"),
        (["--ttl", "soon"], "250ms"),
        (["--port", "70000"], "65535"),
    ],
)
def test_a_wrong_option_is_exit_2_and_says_what_is_right(
    args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["target", *args])
    assert (stop.value.code, words in capsys.readouterr().err) == (2, True)
