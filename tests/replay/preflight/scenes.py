"""Preflight of small made-up recordings."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from replay.preflight import Finding, Kind, preflight
from replay.prepare import Given, Prepared, Settings, prepare
from replay.recording import Recording
from tests.traces.links.scene import Scene, token
from traces.model import Header

#: When the recordings were made, unix seconds.
THEN = 1_795_339_815
DAY = 86_400


def prepared(scene: Scene, made: Given | None = None, **settings: Any) -> tuple[Prepared, Settings]:
    header = Header(kind="recording", id="0" * 32, epoch_ns=THEN * 10**9, upstream="http://shop")
    chosen = Settings(target="http://127.0.0.1:8001", **settings)
    return prepare(Recording(path=Path("scene"), header=header, exchanges=scene.exchanges), chosen, made), chosen


def findings(scene: Scene, made: Given | None = None, *, later: float = 0, **settings: Any) -> list[Finding]:
    """What preflight finds `later` seconds after the recording began."""
    variables = {"api_token": "LOAD_TEST_API_TOKEN", "product_id": "LOAD_TEST_PRODUCT_ID"}
    return preflight(*prepared(scene, made, **settings), now=int((THEN + later) * 1e9), variables=variables)


def of(kind: Kind, found: list[Finding]) -> list[tuple[int, str]]:
    """(sessions, sentence) of those of a kind."""
    return [(finding.sessions, finding.sentence) for finding in found if finding.kind == kind]


def jwt(**claims: Any) -> str:
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, claims)
    )
    return f"{header}.{payload}.{token(json.dumps(claims), 43)}"


def bearer(text: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"authorization", b"Bearer " + text.encode()),)


def asking(line: str, *, sessions: int = 4, **sent: Any) -> Scene:
    """Sessions of one request each."""
    scene = Scene()
    for number in range(sessions):
        scene.ask(number * 100, line, {}, on=f"c{number}", **sent)
    return scene
