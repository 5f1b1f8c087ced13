"""Text that may be shown or logged: no user names, passwords, tokens or queries in its URLs."""

import re

_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?!git@)[^/\s\"'<>`]+@", re.IGNORECASE)
_QUERY = re.compile(r"(?P<url>[a-z][a-z0-9+.-]*://[^\s?#\"'<>`]+)\?[^\s#\"'<>`]*", re.IGNORECASE)


def redact(text: str) -> str:
    """`text` with the userinfo of every URL replaced by `***` and every query dropped.

    >>> redact("git+https://me:secret@host/r.git and https://host/x.whl?token=secret#f")
    'git+https://***@host/r.git and https://host/x.whl#f'
    >>> redact("https://me:p@ss@host/r")
    'https://***@host/r'
    """
    return _QUERY.sub(r"\g<url>", without_users(text, "***@"))


def without_users(text: str, replacement: str = "") -> str:
    """`text` with the userinfo of every URL replaced; `git@`, which is no secret, stays."""
    return _USER.sub(lambda match: match["scheme"] + replacement, text)
