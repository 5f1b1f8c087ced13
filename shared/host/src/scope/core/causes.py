"""Why something failed, in one line."""

import traceback


def cause(error: BaseException) -> str:
    """An exception in one line: its type, its message, and the file and line that raised it."""
    place = origin(error)
    return f"{type(error).__name__}: {_message(error)}" + (f" ({place})" if place else "")


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as another:  # noqa: BLE001 - a plugin's own exception class may fail even here
        return f"its message cannot be read, {type(another).__name__}"


def origin(error: BaseException) -> str:
    """The file and line that raised, such as `blur.py:12`; empty if it was never raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
