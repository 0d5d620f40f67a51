"""A specification as a person writes it: values as words, and words as a TOML file.

Reading what is written here gives the same specification: it is the inverse of `specification.specified` and `read`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cellroad.engineering.design.specification import KEYS

PAIRS = ("nominal", "voltage", "energy")
"""Keys whose value may be a list of two: a range."""


def in_words(keys: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of keys, as a TOML file or JSON has them, in the words that the command line takes."""
    return {key: _words(key, value) for key, value in keys.items() if value is not None}


def toml(words: Mapping[str, str]) -> str:
    """Return words by key as a TOML file, in the order in which keys are declared; what is blank is left out."""
    order = [*(key for key in KEYS if key in words), *(key for key in words if key not in KEYS)]
    lines = [f"{_key(key)} = {_text(words[key])}" for key in order if words[key].strip()]
    return "".join(f"{line}\n" for line in lines)


def _words(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        between = "-" if key in PAIRS else " x " if key == "size" else ", "
        return between.join(_words("", part) for part in value)
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _key(key: str) -> str:
    return key if key.replace("_", "a").replace("-", "a").isalnum() and key.isascii() else _text(key)


def _text(value: str) -> str:
    """Return a basic string of TOML: that of JSON, and DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
