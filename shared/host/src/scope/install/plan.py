"""What a change would do, worked out before anything is changed: names, versions, sources, commits, and what comes along."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from scope.install import lockfile, manifest
from scope.install.errors import BadRequestError
from scope.install.generations import Generation, Store
from scope.install.host import Host, facts, stand_ins
from scope.install.intact import is_intact
from scope.install.lockfile import Change, Pin
from scope.install.manifest import Line, Manifest
from scope.install.plugins_txt import FILE_NAME, digest, edited, read_text
from scope.install.progress import Watch
from scope.install.redact import redact
from scope.install.resolve import Resolver
from scope.install.specs import Kind, Spec

RIGHTS = "Installing runs this code with your rights."


@dataclass(frozen=True)
class Edit:
    """What is asked for by a command.

    `remove` holds names, or lines of plugins.txt as they are written or shown; `upgrade` names plugins that may move to newer
    versions and commits; `pre` lets those that are added or upgraded be pre-releases.
    """

    by: str
    add: tuple[Spec, ...] = ()
    remove: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()
    pre: bool = False

    @property
    def lines(self) -> set[str]:
        """What is added, as plugins.txt has it."""
        return {spec.line for spec in self.add}


@dataclass(frozen=True)
class Wanted:
    """A plugin that there will be: its name, its spec, and what it resolved to."""

    name: str
    spec: Spec
    pin: Pin


@dataclass(frozen=True)
class Plan:
    """The whole change. `digest` names its contents: who agrees to it agrees to exactly this lock.

    `anew`: names of what was asked for by a spec and is installed though its lock says the same as before: a folder, whose
    contents may be others by now, and what is damaged or broken.
    """

    id: str
    edit: Edit
    folder: Path
    base: Generation | None
    manifest_before: str
    manifest: str
    plugins: tuple[Wanted, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    host: Host
    pre: tuple[str, ...]
    digest: str
    anew: frozenset[str]

    @property
    def moved(self) -> list[Change]:
        """What is added, removed or replaced."""
        return [change for change in self.changes if change.moved]

    @property
    def asked(self) -> set[str]:
        """The names of what was asked for by a spec."""
        return {plugin.name for plugin in self.plugins if plugin.spec.line in self.edit.lines}

    @property
    def plugin_names(self) -> set[str]:
        """The names of all plugins before and after; whatever else changes comes or goes with one of them."""
        return {plugin.name for plugin in (*self.plugins, *(self.base.plugins if self.base else ()))}

    @property
    def brings(self) -> list[str]:
        """The names of what would be installed that is not there yet in this form: code that did not run before."""
        return [change.name for change in self.changes if change.new and (change.moved or change.name in self.anew)]

    @property
    def what(self) -> str:
        """One line for the history."""
        asked = [spec.shown for spec in self.edit.add] + list(self.edit.remove or self.edit.upgrade)
        return redact(", ".join(asked)) or FILE_NAME


def make_plan(store: Store, edit: Edit, watch: Watch, log: Path, *, allow_build: bool = False) -> Plan:
    """Resolve what the edit asks for. Needs the lock; changes nothing but its own folder below `plans/`.

    Raises:
        BadRequestError: a plugin is not there, or is part of the host.
        NeedsBuildError: a build script would have to run, and `allow_build` is false.
        InstallError: there is no solution.
    """
    watch.say("resolving", "Resolving.")
    planner = _Planner(store, edit, watch, log, allow_build)
    try:
        return planner.plan()
    except BaseException:
        shutil.rmtree(planner.folder, ignore_errors=True)
        raise


class _Planner:
    """The facts that every step of a plan needs."""

    def __init__(self, store: Store, edit: Edit, watch: Watch, log: Path, allow_build: bool) -> None:
        self.store, self.edit = store, edit
        self.base = store.base()
        self.host = facts(store.plugins)
        self.notes: list[str] = []
        self.id = secrets.token_hex(8)
        self.folder = store.env / "plans" / self.id
        self.folder.mkdir(parents=True)
        self.resolver = Resolver(
            self.folder,
            self.host,
            stand_ins(self.host, store.env / "host"),
            watch,
            log,
            store.plugins,
            allow_build,
            {plugin.line: plugin.name for plugin in self.base.plugins} if self.base else {},
        )

    def plan(self) -> Plan:
        text = read_text(self.store.manifest)
        after = self._edited(manifest.read(text))
        specs = self._by_name(manifest.read(after))
        before = self.store.folder(self.base.name) / lockfile.FILE_NAME if self.base else None
        pre = self._pre(specs)
        pins = self.resolver.lock(list(specs.values()), before, self._upgraded(specs), pre)
        by_name = {pin.name: pin for pin in pins}
        self._tell_unfit(specs, by_name)
        for name in sorted({canonicalize_name(name) for name in self.edit.remove} & by_name.keys() - specs.keys()):
            self.notes.append(f"{name} stays installed, because another plugin needs it.")
        plugins = tuple(Wanted(name, spec, by_name[name]) for name, spec in specs.items() if name in by_name)
        changes = lockfile.changes(lockfile.read(before) if before else [], pins)
        anew = self._anew(changes, plugins)
        return Plan(
            self.id, self.edit, self.folder, self.base, digest(text), after, plugins, tuple(changes), tuple(self.notes),
            self.host, pre, lock_digest(self.folder), anew,
        )  # fmt: skip

    def _anew(self, changes: Sequence[Change], plugins: Sequence[Wanted]) -> frozenset[str]:
        """What was asked for and is there already is noted, or installed anew if that may bring something."""
        asked = {plugin.name for plugin in plugins if plugin.spec.line in self.edit.lines}
        same = {
            change.name: change.new for change in changes if change.name in asked and change.new and not change.moved
        }
        anew = {name for name, pin in same.items() if pin.folder or not self._is_well(name)}
        for name in sorted(same.keys() - anew):
            version = same[name].version or ""
            self.notes.append(f"{name} {version}".rstrip() + " is installed already, as it was asked for.")
        return frozenset(anew)

    def _is_well(self, name: str) -> bool:
        assert self.base is not None  # it is there already
        problems = [plugin.problems for plugin in self.base.plugins if plugin.name == name]
        return not any(problems) and is_intact(self.store.site(self.base.name), name)

    def _upgraded(self, specs: dict[str, Spec]) -> list[str]:
        """What may move: what is to be upgraded, and what is asked for by a spec, which means what is there now."""
        named = [canonicalize_name(name) for name in self.edit.upgrade]
        for name in named:
            self._must_be_there(name, dict(enumerate(specs)))
        return named + [name for name, spec in specs.items() if spec.line in self.edit.lines]

    def _tell_unfit(self, specs: dict[str, Spec], by_name: dict[str, Pin]) -> None:
        """A marker may exclude this Python or this system: an old line is passed over, a new one refused."""
        for name, spec in specs.items():
            if name not in by_name and spec.line in self.edit.lines:
                raise BadRequestError(f"{spec.shown} is not meant for this Python or this system.")
            if name not in by_name:
                self.notes.append(f"{FILE_NAME}: {spec.shown} is not meant for this Python or this system; skipped.")

    def _edited(self, present: Manifest) -> str:
        """plugins.txt after the edit: a new line takes the place of the old ones of the same name."""
        names = {line.number: self.resolver.identify(line.spec) for line in present.lines if self._asked_about(line)}
        add = [(self._new_name(spec), spec) for spec in self.edit.add if not self._is_written(spec, present, names)]
        written = {text: line.spec.line for line in present.lines for text in (line.spec.shown, line.spec.line)}
        remove = {written.get(text) or canonicalize_name(text) for text in self.edit.remove}
        for name in remove - set(written.values()):
            self._must_be_there(name, names)
        gone = {*remove, *(name for name, _ in add)}
        numbers = {line.number for line in present.lines if names.get(line.number) in gone or line.spec.line in gone}
        if not numbers and not add:
            return present.text
        return edited(present.text, remove=numbers, add=[spec.line for _, spec in add])

    def _is_written(self, spec: Spec, present: Manifest, names: Mapping[int, str]) -> bool:
        """Whether the only line of its name is this one, so that the file stays as it is."""
        written = [line for line in present.lines if line.spec.line == spec.line]
        return len(written) == 1 and list(names.values()).count(names[written[0].number]) == 1

    def _asked_about(self, line: Line) -> bool:
        """Lines that are to be removed as they are written need no name: their source may be gone."""
        return not {line.spec.line, line.spec.shown} & set(self.edit.remove)

    def _new_name(self, spec: Spec) -> str:
        name = self.resolver.identify(spec)
        found = self.host.distributions.get(name)
        if found is not None and found.plugin:
            raise BadRequestError(
                f"{name} is part of the host's environment ({found.place}). Remove it there "
                f"(uv pip uninstall {name}) to manage it here."
            )
        if found is not None:
            raise BadRequestError(
                f"{name} is part of the host, as {found.version}; it cannot be installed as a plugin."
            )
        return name

    def _must_be_there(self, name: str, names: dict[int, str]) -> None:
        if name in names.values():
            return
        if name in self.host.distributions and self.host.distributions[name].plugin:
            place = self.host.distributions[name].place
            raise BadRequestError(f"{name} is part of the host's environment ({place}); remove it there.")
        there = ", ".join(sorted(names.values())) or "none"
        raise BadRequestError(f"No plugin {name} is installed here; there is {there}.")

    def _by_name(self, wanted: Manifest) -> dict[str, Spec]:
        """The last line of each name; what is passed over is noted."""
        self.notes += wanted.damaged
        found: dict[str, Line] = {}
        for line in wanted.lines:
            name = self.resolver.identify(line.spec)
            provided = self.host.distributions.get(name)
            if provided is not None:
                self.notes.append(
                    f"{FILE_NAME}, line {line.number}: {name} is part of the host's environment ({provided.place}); skipped."
                )
                continue
            if name in found:
                both = f"{found[name].number} and {line.number}"
                self.notes.append(f"{FILE_NAME}, lines {both} both name {name}; line {line.number} counts.")
            found[name] = line
        return {name: line.spec for name, line in found.items()}

    def _pre(self, specs: dict[str, Spec]) -> tuple[str, ...]:
        kept = set(self.base.pre if self.base else ())
        if self.edit.pre:
            kept |= {self.resolver.identify(spec) for spec in self.edit.add if spec.kind is Kind.NAME}
            kept |= {canonicalize_name(name) for name in self.edit.upgrade}
        return tuple(sorted(kept & specs.keys()))


def lock_digest(folder: Path) -> str:
    """SHA-256 of the lock file in a folder, in hexadecimal."""
    return hashlib.sha256((folder / lockfile.FILE_NAME).read_bytes()).hexdigest()


def summary(plan: Plan) -> list[str]:
    """What people read before they agree: what comes and from where, what comes with it, what goes, what stays."""
    lines: list[str] = []
    others: list[str] = []
    stays: list[str] = []
    for change in plan.changes:
        if change.new is not None and not change.moved and change.name not in plan.anew:
            stays.append(f"{change.name} {change.new.version or ''}".strip())
        elif change.name in plan.plugin_names:
            lines.append(_line(change))
        else:
            others.append(f"with it: {_line(change)}")
    return [*lines, *others, *([f"stays: {', '.join(stays)}"] if stays else [])]


def _line(change: Change) -> str:
    old, new = change.old, change.new
    if new is None:
        return f"remove {change.name} {old.version or ''}".rstrip() if old else ""
    before = f"{old.version} -> " if old and old.version and old.version != new.version else ""
    at = new.commit and new.origin.startswith("git+") and new.commit not in new.origin
    commit = f" at {new.commit[:12]}" if at else ""
    return f"{new.name} {before}{new.version or '(its version is known when it is built)'}, from {new.source}{commit}"
