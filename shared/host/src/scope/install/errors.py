"""What can go wrong with an installation: each message is one sentence for the person who asked."""

from pathlib import Path

from scope.install.redact import redact


class InstallError(Exception):
    """Nothing was changed; the message says why. `exit_code` is what a command returns, `log` holds the tools' words.

    Messages hold no secrets, whatever they quote.
    """

    exit_code = 1
    kept = "Nothing was changed."
    log: Path | None = None

    def __init__(self, message: str = "") -> None:
        super().__init__(redact(message))

    @property
    def told(self) -> str:
        """The message for a person, and what has become of the plugins that were there."""
        return f"{str(self).rstrip('.')}. {self.kept}".rstrip()


class BadRequestError(InstallError):
    """What was asked for cannot be meant: a spec that does not parse, a plugin that is not there."""

    exit_code = 2
    kept = ""


class CancelledError(InstallError):
    """Somebody interrupted the change: `too_late` if it was current by then."""

    exit_code = 130
    kept = ""

    def __init__(self, *, too_late: bool = False) -> None:
        done = "Interrupted, but the change was made already; `scope history` shows it."
        super().__init__(done if too_late else "Interrupted; nothing was changed.")
