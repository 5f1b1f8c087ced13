"""From specs to one lock: every plugin resolved together, against what the host provides and what was locked before."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scope.core.files import write
from scope.install import lockfile, uv
from scope.install.browser_urls import Refs
from scope.install.errors import BadRequestError, InstallError
from scope.install.explain import sentence, unread
from scope.install.host import Host
from scope.install.lockfile import Pin
from scope.install.progress import Watch
from scope.install.redact import without_users
from scope.install.specs import Kind, Spec
from scope.install.wheel_check import refuse_outside_paths

PINS = "pins.txt"
_BUILD_REFUSED = re.compile(r"[Bb]uilding source distributions.*is disabled", re.DOTALL)


class NeedsBuildError(InstallError):
    """The requirements of a plugin can only be read by running its build script, which was not allowed."""


@dataclass(frozen=True)
class Resolver:
    """Where and against what to resolve: a scratch folder, the host and its constraints file.

    `log` takes what uv writes; `place` is the plugins folder, for sentences; `names` remembers which line stands for
    which distribution.
    """

    folder: Path
    host: Host
    constraints: Path
    watch: Watch
    log: Path
    place: Path
    allow_build: bool = False
    names: dict[str, str] = field(default_factory=dict)

    def identify(self, spec: Spec) -> str:
        """The canonical name of the distribution that a spec stands for; asked of its source unless the text tells it.

        Raises:
            InstallError: the source cannot be reached or is no Python project.
        """
        if spec.name:
            return spec.name
        if spec.line not in self.names:
            scratch = self.folder / "identify"
            scratch.mkdir(exist_ok=True)
            (scratch / lockfile.FILE_NAME).unlink(missing_ok=True)
            pins = self._compile(scratch, [spec], ["--no-deps"])
            if not pins:
                raise BadRequestError(f"{spec.shown} is not meant for this Python or this system.")
            self.names[spec.line] = pins[0].name
        return self.names[spec.line]

    def lock(
        self, specs: Sequence[Spec], before: Path | None, upgrade: Sequence[str] = (), pre: Sequence[str] = ()
    ) -> list[Pin]:
        """Resolve all specs together; what `before` locks stays, unless it is to be upgraded or cannot stay.

        `pre` names the distributions that may be pre-releases.

        Raises:
            InstallError: there is no solution; the sentence says what stands against what.
        """
        if before is not None and before.exists():
            shutil.copyfile(before, self.folder / lockfile.FILE_NAME)
        options = [f"--no-emit-package={name}" for name in sorted(self.host.distributions)]
        options += [f"--upgrade-package={name}" for name in upgrade]
        options += [f"--prerelease-package={name}=allow" for name in pre]
        return self._compile(self.folder, specs, options)

    def _compile(self, folder: Path, specs: Sequence[Spec], options: Sequence[str]) -> list[Pin]:
        for spec in specs:
            check_path(spec)
        write(folder / "in.txt", "".join(f"{spec.requirement}\n" for spec in specs))
        self._run(folder, specs, [*options, *([] if self.allow_build else ["--no-build"])])
        lock = folder / lockfile.FILE_NAME
        write(lock, without_users(lock.read_text(encoding="utf-8")))
        return lockfile.read(lock)

    def _run(self, folder: Path, specs: Sequence[Spec], options: Sequence[str]) -> None:
        arguments = ["compile", "-q", "--no-header", "--format", "pylock.toml", "-o", str(folder / lockfile.FILE_NAME)]
        arguments += ["--python", uv.python(), "-c", str(self.constraints), *options, str(folder / "in.txt")]
        try:
            uv.pip(arguments, cwd=folder, log=self.log, cancel=self.watch.cancel)
        except uv.ToolFailedError as error:
            if not self.allow_build and _BUILD_REFUSED.search(error.output):
                shown = ", ".join(spec.shown for spec in specs)
                raise NeedsBuildError(f"Reading the requirements of {shown} runs its build script.") from error
            raise InstallError(sentence(error.output, self.host, str(self.place), refs)) from error


def install(pins: Sequence[Pin], folder: Path, host: Host, place: Path, watch: Watch, log: Path) -> Path:
    """Install exactly these pins into `folder/site`, without asking for dependencies; gives that site.

    Raises:
        InstallError: a download or a build failed.
    """
    site = folder / "site"
    site.mkdir()
    if not pins:
        return site
    write(folder / PINS, "".join(f"{pin.requirement}\n" for pin in pins))
    arguments = ["install", "--no-deps", "--link-mode", "copy", "--python", uv.python()]
    arguments += ["--target", str(site), "-r", str(folder / PINS)]
    # uv would take a wheel that it built of a folder before, if only the sources changed since.
    arguments += [f"--reinstall-package={pin.name}" for pin in pins if pin.folder and not pin.editable]
    try:
        uv.pip(
            arguments,
            cwd=folder,
            log=log,
            cancel=watch.cancel,
            on_line=lambda line: watch.say("installing", line),
        )
    except uv.ToolFailedError as error:
        raise InstallError(sentence(error.output, host, str(place))) from error
    return site


def refs(url: str) -> Refs:
    """The branches and tags of a repository.

    Raises:
        InstallError: it cannot be read.
    """
    try:
        return uv.remote_refs(url)
    except uv.ToolFailedError as error:
        raise InstallError(unread(url, error.output)) from error


def check_path(spec: Spec) -> None:
    """Refuse a folder or file of this machine that is not there, or a wheel that writes outside its folder.

    Raises:
        BadRequestError: it is missing.
        InstallError: the wheel is damaged or malicious.
    """
    path = spec.path
    if path is None:
        return
    if spec.kind is Kind.FOLDER and not (path / "pyproject.toml").is_file() and not (path / "setup.py").is_file():
        reason = "has no pyproject.toml" if path.is_dir() else "is not there"
        raise BadRequestError(f"The folder {path} {reason}.")
    if spec.kind is Kind.FILE and not path.is_file():
        raise BadRequestError(f"The file {path} is not there.")
    if path.suffix == ".whl":
        refuse_outside_paths(path)
