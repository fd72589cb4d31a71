"""However a recording ends, what had finished is on disk; and what cannot begin says so in one sentence."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.capture.origins import Asked, Origin, ok, says
from tests.capture.recorders import REPLAY, read, recording, until
from traces.file import TraceReader

MITMDUMP = str(Path(sys.executable).parent / "mitmdump")
ADDON = str(Path(__file__).parents[2] / "capture" / "addon.py")


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    async def script(_asked: Asked, wire: asyncio.StreamWriter) -> None:
        wire.write(ok(os.urandom(3000)))  # new ones each time: a disk does not fill with what compresses
        await wire.drain()

    with Origin(script) as running:
        yield running


def capture(*args: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a `replay capture` that ends by itself."""
    done = subprocess.run([*REPLAY, "capture", *args], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_signal_ends_a_recording_well_with_everything_on_disk(
    origin: Origin, tmp_path: Path, number: signal.Signals
) -> None:
    with recording(origin.url, tmp_path / "t.trace") as recorder:
        for turn in range(25):
            recorder.get(f"/{turn}")
        recorder.stop(number)
    with TraceReader(tmp_path / "t.trace") as reader:
        ids = sorted(e.id for e in reader)
        assert (recorder.code, recorder.complained, ids, reader.torn) == (0, "", list(range(25)), False)
    assert f"25 exchanges recorded into {tmp_path / 't.trace'}" in recorder.said


@pytest.mark.slow
def test_a_signal_does_not_wait_for_clients_that_stay_connected(tmp_path: Path) -> None:
    with Origin(says(30.0)) as slow, recording(slow.url, tmp_path / "t.trace") as recorder:
        client = recorder.connect()
        client.request("GET", "/never")
        assert until(lambda: slow.asked)
        recorder.clients.clear()
        began = time.monotonic()
        recorder.stop()
        assert (recorder.code, time.monotonic() - began < 10) == (0, True)
        client.close()


def test_a_kill_loses_nothing_that_had_finished_a_second_and_a_half_before(origin: Origin, tmp_path: Path) -> None:
    with recording(origin.url, tmp_path / "t.trace") as recorder:
        for turn in range(25):
            recorder.get(f"/{turn}")
        time.sleep(1.5)
        recorder.stop(signal.SIGKILL)
    assert [e.id for e in read(tmp_path / "t.trace")] == list(range(25))


def test_an_existing_file_is_refused_and_left_alone(origin: Origin, tmp_path: Path) -> None:
    trace = tmp_path / "t.trace"
    trace.write_text("precious")
    code, said, complained = capture("--upstream", origin.url, "--out", str(trace))
    assert (code, said, complained.count("\n"), "--force" in complained, trace.read_text()) == (
        2,
        "",
        1,
        True,
        "precious",
    )


@pytest.mark.slow
def test_an_existing_file_is_overwritten_when_told_so(origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "t.trace").write_text("not so precious")
    with recording(origin.url, tmp_path / "t.trace", "--force") as recorder:
        recorder.get()
    assert len(read(tmp_path / "t.trace")) == 1


def test_a_port_in_use_is_one_sentence_and_makes_no_file(origin: Origin, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        code, said, complained = capture(
            "--upstream", origin.url, "--out", str(tmp_path / "t.trace"), "--listen", listen
        )
    assert (code, said, complained.count("\n"), listen in complained, (tmp_path / "t.trace").exists()) == (
        2,
        "",
        1,
        True,
        False,
    )


@pytest.mark.parametrize(
    "args",
    [
        ["--upstream", "ftp://127.0.0.1", "--out", "t.trace"],
        ["--upstream", "http://127.0.0.1:8000/api", "--out", "t.trace"],
        ["--upstream", "http://127.0.0.1:999999", "--out", "t.trace"],
        ["--upstream", "http://127.0.0.1:1", "--out", "t.trace", "--listen", "here"],
        pytest.param(
            ["--upstream", "http://127.0.0.1:1", "--out", "t.trace", "--listen", "no.such.host.invalid:0"],
            marks=pytest.mark.slow,
        ),
        ["--upstream", "http://127.0.0.1:1", "--out", "/no/such/folder/t.trace"],
        ["--upstream", "http://127.0.0.1:1", "--out", "t.trace", "--max-body", "lots"],
        ["--out", "t.trace"],
    ],
)
def test_what_cannot_begin_is_one_sentence_and_exit_2(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said, complained = capture(*args)
    assert (code, said, complained.count("\n"), complained[:8], list(tmp_path.iterdir())) == (2, "", 1, "replay: ", [])


# A disk that fills: a small file system where we may mount one, and everywhere a limit on a file's size.


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def limit() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))


@pytest.mark.parametrize("how", ["limit", pytest.param("tmpfs", marks=pytest.mark.slow)])
def test_a_full_disk_serves_users_on_says_so_and_leaves_a_whole_file(origin: Origin, tmp_path: Path, how: str) -> None:
    with small_disk(tmp_path) if how == "tmpfs" else nothing(tmp_path) as folder:
        trace = folder / "t.trace"
        with recording(origin.url, trace, setup=limit if how == "limit" else None) as recorder:
            statuses = [recorder.get()[0] for _ in range(10)]
            assert until(lambda: len(read(trace)) == 10)
            statuses += [recorder.get()[0] for _ in range(30)]
            time.sleep(1.5)
            statuses += [recorder.get()[0] for _ in range(5)]
            recorder.stop()
        with TraceReader(trace) as reader:
            whole, losses = list(reader), reader.losses
    served, kept = statuses == [200] * 45, [e.id for e in whole]
    assert (served, recorder.code, losses, len(kept) >= 10, kept == list(range(len(kept)))) == (True, 6, [], True, True)
    assert recorder.complained.count("users are served on") == 1
    assert recorder.complained.count("\n") == 2


@contextmanager
def nothing(folder: Path) -> Iterator[Path]:
    yield folder


# The addon by itself, in somebody's mitmdump.


@contextmanager
def mitmdump(*args: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A mitmdump with the addon, and the port that it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [MITMDUMP, "-s", ADDON, "--listen-host", "127.0.0.1", "--listen-port", str(port), *args]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process, port
    finally:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_the_addon_records_in_a_plain_mitmdump(origin: Origin, tmp_path: Path) -> None:
    trace = tmp_path / "t.trace"
    with mitmdump("--mode", f"reverse:{origin.url}", "--set", f"trace={trace}") as (process, port):
        assert until(lambda: listens(port), 20)
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            while client.recv(65536):
                pass
        process.send_signal(signal.SIGINT)
        process.wait(20)
    (exchange,) = read(trace)
    assert (exchange.request.target, exchange.flags, (exchange.clock.wait or 0) > 0) == (b"/x", (), True)


@pytest.mark.slow
def test_the_addon_refuses_an_existing_file_and_mitmdump_ends(origin: Origin, tmp_path: Path) -> None:
    trace = tmp_path / "t.trace"
    trace.write_text("precious")
    with mitmdump("--mode", f"reverse:{origin.url}", "--set", f"trace={trace}") as (process, _):
        said, _ = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in said, str(trace) in said, trace.read_text()) == (
        1,
        False,
        True,
        "precious",
    )
