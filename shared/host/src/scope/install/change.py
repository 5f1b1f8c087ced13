"""Carries a change out: installs a plan into a new generation, tries it, makes it current. Nothing shows before that."""

import secrets
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

from scope.core import files
from scope.core.plugins.manager import ENTRY_POINT_GROUP
from scope.install import lockfile, resolve
from scope.install.collect import collect
from scope.install.environment import python_tag
from scope.install.errors import BadRequestError, CancelledError, InstallError
from scope.install.explain import os_sentence
from scope.install.generations import DamagedError, Generation, Installed, Store
from scope.install.locking import WAIT, locked
from scope.install.plan import Edit, Plan, lock_digest, make_plan
from scope.install.plugins_txt import digest, read_text, wanted
from scope.install.probe import PROBING, Prober, Probing, Report
from scope.install.progress import Watch
from scope.install.switch import Intent, now, recover, switch
from scope.install.verdict import judge

Consent = Callable[[Plan], None]


class StaleError(InstallError):
    """The plan was made for a state that is gone."""

    kept = ""


@dataclass(frozen=True)
class Done:
    """The generation that is current now, whether that is a new one, and sentences worth showing."""

    generation: Generation | None
    changed: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Work:
    """What a change needs at hand while it holds the lock. `log` takes what uv, builds and plugins write."""

    store: Store
    watch: Watch
    log: Path
    prober: Prober


@contextmanager
def working(
    store: Store,
    what: str,
    watch: Watch,
    *,
    wait: float = WAIT,
    probing: Probing = PROBING,
) -> Generator[Work]:
    """Hold the lock, with an interrupted change brought to its end; `what` tells those who wait.

    `wait` is in seconds; `probing` says how candidates are tried.

    Raises:
        InstallError: nothing was changed; the message says why, and its `log` where more is written.
    """
    before = _before(store)
    log = store.logs / f"{now().replace(':', '')}-{secrets.token_hex(2)}.txt"
    try:
        with locked(store, what, watch, wait):
            recover(store)
            collect(store)
            before = store.current()
            log.parent.mkdir(exist_ok=True)
            with Prober(log, watch, probing) as prober:
                yield Work(store, watch, log, prober)
            collect(store)
    except InstallError as error:
        error.log = log if log.exists() else None
        raise
    except KeyboardInterrupt:
        raise CancelledError(too_late=store.current() != before) from None
    except OSError as error:
        raise InstallError(os_sentence(error.errno, str(store.plugins))) from error


def _before(store: Store) -> str | None:
    try:
        return store.current()
    except OSError as error:
        raise InstallError(os_sentence(error.errno, str(store.plugins))) from error


def change(work: Work, edit: Edit, consent: Consent, *, allow_build: bool = False) -> Done:
    """Plan, ask, apply. `consent` raises to refuse the plan.

    Raises:
        InstallError: nothing was changed; the message says why.
    """
    work.prober.start()
    plan = make_plan(work.store, edit, work.watch, work.log, allow_build=allow_build)
    try:
        if not needed(plan):
            return Done(plan.base, changed=False, notes=plan.notes)
        consent(plan)
        return apply(work, plan)
    finally:
        shutil.rmtree(plan.folder, ignore_errors=True)


def needed(plan: Plan) -> bool:
    """False if everything that is wanted is there already, in the versions that were resolved."""
    if plan.base is None:
        return bool(plan.plugins)
    lines_differ = wanted(plan.manifest) != wanted(plan.base.manifest)
    settings_differ = plan.base.host != plan.host.fingerprint or plan.base.pre != plan.pre
    return bool(plan.anew or plan.moved or lines_differ or settings_differ)


def apply(work: Work, plan: Plan) -> Done:
    """Carry a plan out, as it was resolved. The generation that was current stays so until the last step.

    Raises:
        StaleError: plugins.txt or the current generation is no longer what the plan was made for.
        InstallError: it could not be installed, or brings a problem; nothing was changed.
    """
    store = work.store
    _refuse_stale(store, plan)
    name = store.begin()
    try:
        generation, warnings = _build(work, plan, name)
        store.finish(generation)
        work.watch.check()
    except BaseException:
        store.discard(name)
        raise
    since = plan.base.name if plan.base else None
    work.watch.say("switching", f"Generation {generation.number} becomes current.")
    intent = Intent(name, since, plan.edit.by, plan.what, plan.manifest_before, plan.manifest)
    notes = [*plan.notes, *warnings, *switch(store, intent)]
    work.watch.say("done", f"Generation {generation.number} is current.")
    return Done(generation, changed=True, notes=tuple(notes))


def rollback(work: Work, to: str | None = None) -> Done:
    """Make an earlier generation current again: the parent of the current one, or that of a number or name.

    Raises:
        BadRequestError: there is no such generation.
        InstallError: it does not work with this host any more; nothing was changed.
    """
    store, base = work.store, work.store.base()
    target = _target(store, base, to)
    if target.python != python_tag():
        raise InstallError(
            f"Generation {target.number} was installed for {target.python}; this host is {python_tag()}."
        )
    work.watch.say("checking", f"Loading the plugins of generation {target.number}.")
    reports = work.prober.probe(store.site(target.name))
    warnings = judge(reports, target, (), lambda: _probe(work, base))
    present = digest(read_text(store.manifest))
    since = base.name if base else None
    intent = Intent(target.name, since, "rollback", f"to generation {target.number}", present, target.manifest)
    work.watch.say("switching", f"Generation {target.number} becomes current.")
    notes = [*warnings, *switch(store, intent)]
    work.watch.say("done", f"Generation {target.number} is current.")
    return Done(target, changed=True, notes=tuple(notes))


def _refuse_stale(store: Store, plan: Plan) -> None:
    base, present = store.base(), digest(read_text(store.manifest))
    same_base = (base and base.name) == (plan.base and plan.base.name)
    if not same_base or present != plan.manifest_before or lock_digest(plan.folder) != plan.digest:
        raise StaleError("The plugins changed since this plan was made; plan again.")


def _build(work: Work, plan: Plan, name: str) -> tuple[Generation, list[str]]:
    store, folder = work.store, work.store.folder(name)
    files.write(folder / lockfile.FILE_NAME, (plan.folder / lockfile.FILE_NAME).read_text(encoding="utf-8"))
    work.watch.say("installing", "Downloading and building.")
    pins = [change.new for change in plan.changes if change.new is not None]
    site = resolve.install(pins, folder, plan.host, store.plugins, work.watch, work.log)
    _refuse_strangers(plan, site)
    work.watch.say("checking", "Loading every plugin.")
    reports = work.prober.probe(site)
    touched = {change.name for change in plan.moved} | plan.anew
    warnings = judge(reports, plan.base, touched, lambda: _probe(work, plan.base))
    return _generation(plan, name, {canonicalize_name(report.name): report for report in reports}), warnings


def _probe(work: Work, base: Generation | None) -> list[Report]:
    """What a host that has only the current generation, or none, reports by now."""
    if base is not None:
        return work.prober.probe(work.store.site(base.name))
    nothing = work.store.env / "nothing"
    nothing.mkdir(exist_ok=True)
    return work.prober.probe(nothing)


def _refuse_strangers(plan: Plan, site: Path) -> None:
    found = {
        canonicalize_name(distribution.name)
        for distribution in metadata.distributions(path=[str(site)])
        if distribution.entry_points.select(group=ENTRY_POINT_GROUP)
    }
    for plugin in plan.plugins:
        if plugin.name not in found:
            raise InstallError(f"{plugin.name} has no entry point in the group 'scope', so it is no Scope plugin.")


def _generation(plan: Plan, name: str, reports: dict[str, Report]) -> Generation:
    plugins = tuple(
        Installed(
            plugin.name,
            reports[plugin.name].version,
            plugin.spec.line,
            plugin.pin.source,
            plugin.pin.commit,
            plugin.pin.editable,
            reports[plugin.name].pipelines,
            reports[plugin.name].problems,
        )
        for plugin in plan.plugins
    )
    parent = plan.base.name if plan.base else None
    return Generation(name, parent, plan.host.fingerprint, python_tag(), plan.manifest, plugins, now(), plan.pre)


def _target(store: Store, base: Generation | None, to: str | None) -> Generation:
    if to is None:
        if base is None or base.parent is None:
            raise BadRequestError("There is no earlier generation to go back to.")
        return _loaded(store, base.parent)
    wanted_number = int(to) if to.isdecimal() else None
    for name in store.complete():
        if name == to or int(name.split("-")[0]) == wanted_number:
            if base is not None and name == base.name:
                raise BadRequestError(f"Generation {to} is the current one.")
            return _loaded(store, name)
    raise BadRequestError(f"There is no generation {to}; `scope history` lists those that are kept.")


def _loaded(store: Store, name: str) -> Generation:
    try:
        return store.load(name)
    except DamagedError as error:
        raise BadRequestError(f"Generation {name} is no longer there ({error}).") from error
