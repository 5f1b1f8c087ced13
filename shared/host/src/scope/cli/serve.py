"""`scope serve`: the live host with its page."""

import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Literal

import segno
import typer
from rich.console import Console
from rich.markup import escape

from scope.cli.errors import UserError
from scope.control.first import first_setup
from scope.control.setup import Setup, SetupError, parse_setup
from scope.core.config import get_base_dir
from scope.engine.link import Engine, Options
from scope.server.address import ListenError, bind, is_loopback, is_wildcard, reachable, token
from scope.server.announce import Announcer
from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings
from scope.server.logs import log_to_file
from scope.server.serve import serve as run_server

PORT = 8000


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every one of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The next free one is taken if it is not free.")] = PORT,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = False,
    setup: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A set-up to begin with, such as a preset.")
    ] = None,
    lanes: Annotated[
        Literal["one", "each"] | None, typer.Option(help="One thread for the chain, or one for each stage.")
    ] = None,
    inline: Annotated[bool, typer.Option("--inline", help="Run the engine inside the server's process.")] = False,
    safe: Annotated[bool, typer.Option("--safe", help="Without the plugins that `scope install` brought.")] = False,
    token_: Annotated[
        str | None, typer.Option("--token", metavar="TEXT", help="Ask for this token; else one is made off loopback.")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS with a certificate of our own, as phones need it.")] = False,
    osc: Annotated[
        int | None, typer.Option(min=1024, max=65535, metavar="PORT", help="Listen to OSC on this UDP port.")
    ] = None,
    stun: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A STUN server for WebRTC clients on other networks.")
    ] = None,
    webrtc: Annotated[bool, typer.Option("--webrtc/--no-webrtc", help="Answer WebRTC clients.")] = True,
    rtc_ports: Annotated[
        str | None, typer.Option(metavar="A-B", help="UDP ports for WebRTC, two for each client; any without.")
    ] = None,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Another name of this server.")] = None,
    allow_origin: Annotated[list[str] | None, typer.Option(metavar="URL", help="A page that may use the API.")] = None,
) -> None:
    """Open the live host: a page in the browser, and real video through real plugins."""
    console = Console(highlight=False)
    document = first_setup() if setup is None else _read(setup)
    try:
        listening = bind(host, port)
    except ListenError as error:
        raise UserError(str(error)) from error
    bound = listening.getsockname()[1]
    if bound != port:
        console.print(f"port {port} is taken, so this is {bound}")
    rules = Rules(
        port=bound,
        hosts=frozenset({host.lower(), *(name.lower() for name in allow_host or [])}),
        any_address=is_wildcard(host),
        origins=frozenset(allow_origin or []),
        token=token(token_) if token_ or not is_loopback(host) else None,
        secure=tls,
    )
    settings = Settings(
        host=host,
        port=bound,
        rules=rules,
        logs=log_to_file()[0],
        ice_servers=tuple(stun or ()),
        webrtc=webrtc,
        rtc_ports=_ports(rtc_ports),
        osc_port=osc,
    )
    engine = _engine(Options(lanes=lanes, safe=safe, load_times=get_base_dir() / "load-times.json"), inline=inline)
    engine.listen(Announcer(console.print, document).hear)
    live = Host(engine, document, settings)

    def listening_now() -> None:
        _say_addresses(console, settings)
        if open_ and _has_browser():
            webbrowser.open(settings.address_with_token)

    run_server(create_app(live), listening, listening_now, _certificate(settings) if tls else None)
    console.print("stopped")


def _ports(text: str | None) -> range | None:
    if text is None:
        return None
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1024 <= int(first) <= int(last) <= 65535):
        raise UserError(f"--rtc-ports: expected two ports from 1024 to 65535 such as 50000-50019, got {text!r}")
    return range(int(first), int(last) + 1)


def _read(path: Path) -> Setup:
    try:
        return parse_setup(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except SetupError as error:
        raise UserError(f"{path}: {error}") from error


def _engine(options: Options, *, inline: bool) -> Engine:
    if inline:
        from scope.engine.inline import InlineEngine

        return InlineEngine(options)
    from scope.engine.process import EngineProcess

    return EngineProcess(options)


def _certificate(settings: Settings) -> tuple[Path, Path]:
    from scope.server.certificate import certificate

    names = ["localhost", "127.0.0.1", "::1", *settings.rules.hosts - {"0.0.0.0", "::"}, *reachable(settings.host)]
    return certificate(get_base_dir() / "tls", names)


def _say_addresses(console: Console, settings: Settings) -> None:
    console.print(f"Scope is at [bold]{escape(settings.address_with_token)}[/]  (Ctrl-C ends it)")
    if settings.loopback:
        return
    for address in settings.public_addresses:
        console.print(f"  for phones and others: {escape(address)}", soft_wrap=True)
    if sys.stdout.isatty():
        segno.make(settings.public_addresses[0]).terminal(compact=True)
    if not settings.rules.secure:
        console.print("  over plain HTTP browsers keep camera, microphone and MIDI from other machines; --tls helps")


def _has_browser() -> bool:
    """A text browser in the terminal would hide the log, so without a desktop none is opened."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
