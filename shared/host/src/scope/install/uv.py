"""The only place that starts uv or git: what they see, how long they may run, and how they are stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from uv import find_uv_bin

from scope.install.browser_urls import Refs
from scope.install.errors import CancelledError, InstallError
from scope.install.redact import redact

LIMIT = 1800.0
_TICK = 0.1
_KEPT = (
    "UV_CACHE_DIR",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_OFFLINE",
    "UV_SYSTEM_CERTS",
)
_SET = {
    # uv wraps what it says at this width, in the middle of what we look for.
    "COLUMNS": "10000",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1000",
    "GIT_HTTP_LOW_SPEED_TIME": "30",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "GIT_TERMINAL_PROMPT": "0",
    "UV_HTTP_RETRIES": "1",
    "UV_HTTP_TIMEOUT": "30",
    "UV_PYTHON_DOWNLOADS": "never",
}

# A group of its own: Ctrl-C at the terminal reaches the installer alone, which then ends all of it.
GROUP: dict[str, Any] = (
    {"start_new_session": True}
    if os.name == "posix"
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)


class ToolFailedError(InstallError):
    """uv or git gave up; `output` is what it wrote to stderr."""

    def __init__(self, tool: str, output: str) -> None:
        super().__init__(f"{tool} failed: {output.strip().splitlines()[-1] if output.strip() else 'no reason given'}")
        self.output = output


def pip(
    arguments: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    cancel: threading.Event,
    on_line: Callable[[str], None] = lambda line: None,
    limit: float = LIMIT,
) -> None:
    """Run `uv pip …` in `cwd`; its stderr goes to `on_line` and, redacted, to the end of `log`.

    Raises:
        ToolFailedError: it returned something other than 0, or took longer than `limit` seconds.
        CancelledError: `cancel` was set; the whole process group is gone.
    """
    command = [_uv(), "--no-config", "--no-progress", "--color", "never", *_user_config(), "pip", *arguments]
    _run(command, cwd, log, cancel, on_line, limit)


def _uv() -> str:
    try:
        return find_uv_bin()
    except FileNotFoundError as error:
        raise InstallError(
            "uv, which installs plugins, is missing from the host's environment; bring it back with `uv sync`, or with "
            "`pip install uv` there."
        ) from error


def remote_refs(url: str, limit: float = 60.0) -> Refs:
    """The branches and tags of a Git repository.

    Raises:
        ToolFailedError: git gave up.
    """
    command = ["git", "ls-remote", "--symref", url, "HEAD", "refs/heads/*", "refs/tags/*"]
    try:
        done = subprocess.run(
            command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit
        )
    except FileNotFoundError as error:
        raise InstallError("git is not installed, and a repository cannot be read without it.") from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailedError("git", f"{redact(url)}: timed out after {limit:.0f} s") from error
    if done.returncode:
        raise ToolFailedError("git", done.stderr)
    return _refs(done.stdout)


def environment() -> dict[str, str]:
    """The variables that uv and git see: indexes, cache and proxies of the user; nothing that changes what is built."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UV_", "PYTHON")) or name in _KEPT or name.startswith("UV_INDEX")
    }
    return kept | _SET


def _refs(output: str) -> Refs:
    names, default = [], ""
    for line in output.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif name.startswith(("refs/heads/", "refs/tags/")) and not name.endswith("^{}"):
            names.append(name.split("/", 2)[2])
    return Refs(names, default)


def _user_config() -> list[str]:
    """The user's mirrors: `--no-config`, which hides a project's settings, would hide them too."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA", ""))
    else:
        home = os.path.expanduser("~/.config")  # noqa: PTH111 - Path.home() raises where there is none
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or home)
    file = folder / "uv" / "uv.toml"
    return ["--config-file", str(file)] if file.is_file() else []


def _run(
    command: list[str], cwd: Path, log: Path, cancel: threading.Event, on_line: Callable[[str], None], limit: float
) -> None:
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **GROUP,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        output = _follow(process, log, cancel, on_line, time.monotonic() + limit)
    finally:
        stop_group(process)
    if process.returncode:
        raise ToolFailedError("uv", output)


def _follow(
    process: subprocess.Popen, log: Path, cancel: threading.Event, on_line: Callable[[str], None], deadline: float
) -> str:
    lines: SimpleQueue[str | None] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), name=f"scope:uv:{process.pid}", daemon=True)
    reader.start()
    seen = []
    with log.open("a", encoding="utf-8") as record:
        while (line := _next(lines, cancel, deadline)) is not None:
            seen.append(line)
            record.write(redact(line))
            record.flush()
            on_line(redact(line.strip()))
    process.wait()
    return "".join(seen)


def _next(lines: "SimpleQueue[str | None]", cancel: threading.Event, deadline: float) -> str | None:
    while True:
        if cancel.is_set():
            raise CancelledError
        if time.monotonic() > deadline:
            raise ToolFailedError("uv", "timed out")
        try:
            return lines.get(timeout=_TICK)
        except Empty:
            continue


def _read(process: subprocess.Popen, lines: "SimpleQueue[str | None]") -> None:
    assert process.stderr is not None
    for line in process.stderr:
        lines.put(line)
    lines.put(None)


def stop_group(process: subprocess.Popen) -> None:
    """End a process that was started with GROUP, and everything it started."""
    if process.poll() is None:
        # It may end by itself meanwhile; macOS refuses to signal a group of which only a zombie is left.
        with suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                _kill_tree(process)
        process.wait()


def _kill_tree(process: subprocess.Popen) -> None:
    import psutil

    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
    process.kill()


def python() -> str:
    """The interpreter that plugins are resolved and installed for: the host's own."""
    return sys.executable
