"""Secrets are named by where they are, and nothing that is printed has one in it."""

from __future__ import annotations

import pickle
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.sign import Keyring, Secret, SignError, secret

VALUE = "made-up-secret-of-a-test"


def test_a_secret_comes_from_the_environment_a_file_or_the_line_itself(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{VALUE}\n")
    given = ["stripe=env:HOOK", f"standard=file:{tmp_path / 'key'}", "x-signature=literal:a=b:c"]
    keyring = Keyring(given, environ={"HOOK": VALUE})
    found = [keyring.need(name).reveal() for name in ("stripe", "standard", "x-signature")]
    assert found == [VALUE.encode(), VALUE.encode(), b"a=b:c"]


def test_only_the_last_line_break_of_a_file_is_not_the_secrets(tmp_path: Path) -> None:
    (tmp_path / "pem").write_bytes(b"a\r\nb\n\r\n")
    assert secret(f"file:{tmp_path / 'pem'}", of="jwt", environ={}).reveal() == b"a\r\nb\n"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("stripe=env:NOT_SET", "The secret of stripe is not there: the environment has no NOT_SET; set it"),
        ("stripe=env:EMPTY", "the environment has no EMPTY"),
        ("stripe=file:/nowhere/key", "The secret of stripe cannot be read from /nowhere/key: No such file"),
        ("stripe=literal:", "nothing stands there"),
        (f"stripe={VALUE}", "is given as env:NAME, file:PATH or literal:TEXT, and this is none of them."),
        (f"stripe=emv:{VALUE}", "and this is none of them."),
        (VALUE, "given as NAME=REFERENCE"),
        (f"=env:{VALUE}", "here one has no name"),
    ],
)
def test_a_secret_that_is_not_there_is_said_without_what_was_given(given: str, sentence: str) -> None:
    with pytest.raises(SignError) as refused:
        Keyring([given], environ={"EMPTY": ""})
    assert sentence in str(refused.value)
    assert VALUE not in str(refused.value)


def test_of_several_endpoints_each_has_its_own_secret() -> None:
    given = ["stripe=literal:any", "stripe@/hooks=literal:hooks", "stripe@/hooks/connect=literal:connect"]
    keyring = Keyring(given, environ={})
    paths = ["/pay", "/hooks", "/hooks/?v=1", "/hooksmith", "/hooks/connect?v=1", "/hooks/connect/eu"]
    found = [keyring.need("stripe", path=path).reveal().decode() for path in paths]
    assert found == ["any", "hooks", "hooks", "any", "connect", "connect"]


def test_the_more_particular_name_wins() -> None:
    keyring = Keyring(["standard=literal:scheme", "Webhook-Signature=literal:header"], environ={})
    assert keyring.need("webhook-signature", "standard").reveal() == b"header"


def test_a_name_without_a_secret_finds_none_and_needing_it_says_how_to_give_one() -> None:
    keyring = Keyring(environ={})
    assert keyring.find("slack") is None
    with pytest.raises(SignError, match="The secret of slack was not given; say --secret slack=env:NAME"):
        keyring.need("slack")


@given(st.text("abcXYZ019", min_size=8, max_size=30))
def test_no_secret_is_printed(value: str) -> None:
    @dataclass
    class Settings:
        key: Secret

    keyring = Keyring([f"name=literal:{value}"], environ={})
    key = keyring.need("name")
    printed = f"{key} {key!r} {keyring!r} {Settings(key)!r} {[key]}"
    assert value not in printed


def test_a_secret_is_not_written_anywhere() -> None:
    key = secret("literal:x", of="test", environ={})

    @dataclass
    class Settings:
        key: Secret

    for write in (pickle.dumps, deepcopy, lambda key: asdict(Settings(key))):
        with pytest.raises(TypeError, match="does not leave its process"):
            write(key)
