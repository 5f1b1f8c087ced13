"""Sockets, addresses and the token: where the server can be reached, and by whom."""

import errno
import ipaddress
import secrets
import socket
from pathlib import Path
from typing import Any

import psutil

from scope.core.config import get_base_dir

# How many ports after a taken one are tried.
_TRIES = 20
_WILDCARDS = ("0.0.0.0", "::")


class ListenError(Exception):
    """No socket can be opened, in one sentence."""


def bind(host: str, port: int) -> socket.socket:
    """A socket on the first free port from `port` on.

    Raises:
        ListenError: the host is none of this machine's addresses, or no port is free.
    """
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise ListenError(f"there is no address {host!r}: {error}") from error
    family, address = info[0], info[4][0]
    for candidate in range(port, min(port + _TRIES, 65536)):
        if (found := _bound(family, str(address), candidate)) is not None:
            return found
    raise ListenError(f"no port from {port} to {min(port + _TRIES, 65536) - 1} is free on {host}")


def _bound(family: int, address: str, port: int) -> socket.socket | None:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows this option lets two servers share a port; elsewhere it only skips the wait after a restart.
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(128)
    except PermissionError as error:
        listening.close()
        raise ListenError(f"port {port} needs more rights than this user has; try one above 1023") from error
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise ListenError(f"{address} is no address of this machine") from error
        return None
    listening.setblocking(False)
    return listening


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach a server that listens there."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_wildcard(host: str) -> bool:
    """Whether it stands for every address of this machine."""
    return host in _WILDCARDS


def reachable(host: str) -> list[str]:
    """The addresses that other machines can use, for a server that listens on `host`."""
    if not is_wildcard(host):
        return [host]
    found = [entry.address for entries in psutil.net_if_addrs().values() for entry in entries if _is_lan(entry)]
    return sorted(set(found)) or [socket.gethostname()]


def token(given: str | None = None) -> str:
    """The token given, else the one of this base folder, which is made once and readable by this user only.

    Raises:
        OSError: it cannot be kept.
    """
    if given:
        return given
    path = get_base_dir() / "token"
    if path.is_file() and (kept := path.read_text("utf-8").strip()):
        return kept
    return _keep(path, secrets.token_urlsafe(24))


def _keep(path: Path, value: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(value + "\n", "utf-8")
    return value


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_lan(entry: Any) -> bool:
    """Whether an entry of psutil is an IPv4 address that others see."""
    return entry.family == socket.AF_INET and not ipaddress.ip_address(entry.address).is_loopback
