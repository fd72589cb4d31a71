"""Path templates as an OpenAPI document declares them; what it says of a path wins over what traffic suggests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

#: A document larger than this is no API description.
_MAX_BYTES: Final = 64 * 1024 * 1024
_PARAMETER: Final = re.compile(r"\{([^{}/]+)\}")


class NotOpenApi(ValueError):
    """The file is no OpenAPI (3.x) or Swagger (2.0) document; its text is a sentence."""


class Declared:
    """The templates of a document. Literal segments win over parameters, as the specification has it."""

    def __init__(self, templates: Iterable[str]) -> None:
        ranked = sorted(set(templates), key=lambda t: (len(_PARAMETER.findall(t)), t))
        self._patterns = [(re.compile(_pattern(template)), template) for template in ranked]

    def of(self, path: str) -> str | None:
        """The template that `path` (still percent-encoded, without a query) is of, or None."""
        for pattern, template in self._patterns:
            if pattern.fullmatch(path):
                return template
        return None


def load(path: Path) -> Declared:
    """Read a document, JSON or YAML. Raises NotOpenApi, or OSError as the disk does."""
    if path.stat().st_size > _MAX_BYTES:
        raise NotOpenApi(f"{path} is too large for an OpenAPI document.")
    document = _parse(path)
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict) or not all(isinstance(template, str) for template in paths):
        raise NotOpenApi(f"{path} is no OpenAPI document: it has no `paths`.")
    return Declared(prefix + template for prefix in _prefixes(document) for template in paths)


def _parse(path: Path) -> Any:
    data = path.read_bytes()
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            return YAML(typ="safe", pure=True).load(data)
        except (YAMLError, ValueError, RecursionError) as error:
            raise NotOpenApi(f"{path} is neither JSON nor YAML ({str(error).splitlines()[0]}).") from None


def _prefixes(document: dict[str, Any]) -> set[str]:
    """What stands before every path: Swagger's basePath, or the path of each of OpenAPI's servers."""
    found = {str(document.get("basePath") or "").rstrip("/")}
    servers = document.get("servers")
    for server in servers if isinstance(servers, list) else []:
        if isinstance(server, dict) and isinstance(server.get("url"), str):
            found.add(urlsplit(server["url"]).path.rstrip("/"))
    # A recorded path may or may not have passed a gateway that strips the prefix.
    return found | {""}


def _pattern(template: str) -> str:
    parts, position = [], 0
    for match in _PARAMETER.finditer(template):
        parts += [re.escape(template[position : match.start()]), "[^/]+"]
        position = match.end()
    return "".join([*parts, re.escape(template[position:])])
