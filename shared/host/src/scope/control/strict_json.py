"""JSON from strangers: of bounded size and depth, with numbers and texts that every other part can hold."""

import json
import math
from typing import Any, NoReturn

MAX_BYTES = 1_000_000
MAX_DEPTH = 8
MAX_TEXT = 20_000
# Beyond this a browser's numbers are no longer exact.
MAX_INTEGER = 2**53


class JsonError(ValueError):
    """A text is no JSON, or JSON outside the limits; the message is one sentence."""


def read_json(data: bytes | str, *, limit: int = MAX_BYTES) -> Any:
    """The value that `data` (UTF-8) holds.

    Raises:
        JsonError: too long, no JSON, nested too deeply, NaN or infinite, an integer beyond 2**53, a text that is not
            Unicode or longer than 20 000 characters.
    """
    if len(data) > limit:
        raise JsonError(f"expected at most {limit} bytes of JSON, got {len(data)}")
    try:
        value = json.loads(data, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg.lower()}") from error
    except RecursionError as error:
        raise JsonError(f"nested more than {MAX_DEPTH} levels deep") from error
    except UnicodeDecodeError as error:
        raise JsonError("not JSON: the text is not UTF-8") from error
    except JsonError:
        raise
    except ValueError as error:  # an integer of more than 4300 digits
        raise JsonError("a number has too many digits") from error
    return check_json(value)


def check_json(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The value itself, when it is JSON within the limits of `read_json`.

    Raises:
        JsonError: it is not.
    """
    match value:
        case None | bool():
            pass
        case int() if abs(value) > MAX_INTEGER:
            raise JsonError(f"expected a number within ±2**53, got one of {len(str(abs(value)))} digits")
        case float() if not math.isfinite(value):
            raise JsonError(f"expected a finite number, got {value}")
        case int() | float():
            pass
        case str():
            _check_text(value)
        case list() | dict():
            _check_container(value, depth)
        case _:
            raise JsonError(f"expected JSON, got {type(value).__name__}")
    return value


def _check_container(value: list | dict, depth: int) -> None:
    if depth == 0:
        raise JsonError(f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise JsonError(f"expected names as texts, got {name!r}")
            _check_text(name)
    for item in value.values() if isinstance(value, dict) else value:
        check_json(item, depth - 1)


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise JsonError(f"expected texts of at most {MAX_TEXT} characters, got {len(text)}")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise JsonError("a text holds half of a surrogate pair")


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"expected a finite number, got {name}")
