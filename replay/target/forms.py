"""Reads the fields of a JSON body and collects everything that is wrong with them, as FastAPI words it."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from replay.target import refusals

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ADDRESS: Final = ("line1", "line2", "postal_code", "city", "state")


class Form:
    """One request's body.

    Every getter returns None for a field that is absent, null or wrong; `close` raises 422 when any was wrong.
    Fields nobody asks for are ignored, as the real API does.
    """

    def __init__(self, body: bytes) -> None:
        """Raises RefusedError (422) when the body is not a JSON object. An empty body is an empty object."""
        self._errors: list[dict[str, Any]] = []
        try:
            fields = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise refusals.invalid(
                [{"loc": ["body", error.pos], "msg": "JSON decode error", "type": "json_invalid"}]
            ) from error
        if not isinstance(fields, dict):
            raise refusals.invalid([{"loc": ["body"], "msg": "Input should be an object", "type": "model_type"}])
        self._fields: dict[str, Any] = fields

    def text(self, name: str) -> str | None:
        return self._text(self._fields, ["body"], name)

    def email(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None and not _EMAIL.fullmatch(value):
            self.wrong(name, "value is not a valid email address", "value_error")
            return None
        return value

    def address(self, name: str) -> dict[str, str | None] | None:
        """An address with all its keys; a country of two capital letters is required in it."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(name, "Input should be an object", "model_type")
            return None
        place = ["body", name]
        country = self._text(value, place, "country")
        if value.get("country") is None:
            self._errors.append({"loc": [*place, "country"], "msg": "Field required", "type": "missing"})
        elif country is not None and not _COUNTRY.fullmatch(country):
            self._errors.append({"loc": [*place, "country"], "msg": "Invalid country code", "type": "country_code"})
        return {"country": country, **{key: self._text(value, place, key) for key in _ADDRESS}}

    def require(self, name: str) -> None:
        """Count `name` as wrong when it is absent or null."""
        if self._fields.get(name) is None:
            self.wrong(name, "Field required", "missing")

    def wrong(self, name: str, message: str, kind: str) -> None:
        self._errors.append({"loc": ["body", name], "msg": message, "type": kind})

    def close(self) -> None:
        if self._errors:
            raise refusals.invalid(self._errors)

    def _text(self, fields: dict[str, Any], place: list[str], name: str) -> str | None:
        value = fields.get(name)
        if value is None or isinstance(value, str):
            return value
        self._errors.append({"loc": [*place, name], "msg": "Input should be a valid string", "type": "string_type"})
        return None
