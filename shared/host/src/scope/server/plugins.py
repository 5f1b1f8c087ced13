"""Changes of plugins as jobs: the installer makes a generation, and the engine proves it by starting with it."""

import shutil
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from scope.core.config import get_plugins_dir
from scope.engine.link import Engine, EngineError
from scope.install.change import Done, Work, apply, needed, rollback, working
from scope.install.errors import CancelledError, InstallError
from scope.install.generations import Store
from scope.install.plan import Edit, Plan, make_plan
from scope.install.probe import PROBING, Probing
from scope.install.progress import Step, Watch
from scope.install.resolve import NeedsBuildError
from scope.install.updates import known, shown, updates
from scope.server.jobs import CancelledJobError, Handle, Job, JobError, Jobs

KIND = "plugins"
_KEPT_PLANS = 10


class UnknownPlanError(InstallError):
    """No plan has this id, or it is not the one that was shown."""

    kept = ""

    def __init__(self) -> None:
        super().__init__("This plan is not known any more; plan again.")


@dataclass
class Plugins:
    """The plugins folder as a server sees it."""

    jobs: Jobs
    engine: Engine
    probing: Probing = PROBING
    _plans: dict[str, Plan] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def store(self) -> Store:
        """The folder; read anew, as every setting of `scope.core.config`."""
        return Store(get_plugins_dir())

    def plan(self, edit: Edit, *, allow_build: bool = False) -> Plan:
        """Work out what an edit would do, and remember it for `apply`. Takes seconds: sources are asked.

        Raises:
            InstallError: it cannot be done; NeedsBuildError: a build script would have to run first.
        """
        with working(self.store, f"scope {edit.by} (planning, in the page)", Watch(), probing=self.probing) as work:
            plan = make_plan(work.store, edit, work.watch, work.log, allow_build=allow_build)
        with self._lock:
            self._plans[plan.id] = plan
            for old in list(self._plans)[:-_KEPT_PLANS]:
                shutil.rmtree(self._plans.pop(old).folder, ignore_errors=True)
        return plan

    def apply(self, plan_id: str, digest: str) -> Job:
        """Carry out a plan that somebody has seen and agreed to.

        Raises:
            UnknownPlanError: there is none of this id and digest.
        """
        with self._lock:
            plan = self._plans.get(plan_id)
            if plan is None or plan.digest != digest:
                raise UnknownPlanError
            del self._plans[plan_id]
        return self._start(f"{plan.edit.by} {plan.what}", lambda work: _applied(work, plan))

    def rollback(self, to: str | None) -> Job:
        """Go back to an earlier generation: the parent of the current one without a number."""
        return self._start("rollback", lambda work: rollback(work, to))

    def renew(self, title: str) -> Job:
        """Start a new engine with the plugins as they are; the old one plays on until the new one is up."""

        def work(handle: Handle) -> None:
            handle.step("Starting a new engine.")
            self._renewed()

        return self.jobs.start(KIND, title, work)

    @property
    def latest(self) -> dict[str, str]:
        """Newer versions by name, as far as they were asked for within the hour."""
        return known(self.store) or {}

    def find_updates(self, *, allow_build: bool = False) -> Job:
        """Ask the sources for newer versions; the result's `needs_build` is a sentence to agree to first."""

        def work(handle: Handle) -> dict[str, str]:
            store = self.store
            with _in_sentences():
                try:
                    log = store.logs / "updates.txt"
                    found = updates(store, _watch(handle), log, allow_build=allow_build)
                except NeedsBuildError as error:
                    return {"needs_build": str(error)}
            return {name: shown(pin) for name, pin in found.items()}

        return self.jobs.start(KIND, "updates", work)

    def _start(self, title: str, act: Callable[[Work], Done]) -> Job:
        def work(handle: Handle) -> dict[str, Any]:
            store, watch = self.store, _watch(handle)
            with (
                _in_sentences(),
                working(store, f"scope {title} (in the page)", watch, probing=self.probing) as at_hand,
            ):
                before = store.base()
                done = act(at_hand)
            if done.changed:
                handle.job.step = "Starting a new engine with these plugins."
                self._proven(before.name if before else None)
            return _result(done)

        return self.jobs.start(KIND, title, work)

    def _proven(self, before: str | None) -> None:
        """Let a new engine show that it starts; if it does not, the generation before is current again."""
        try:
            self._renewed()
        except JobError as error:
            if before is None:
                kept = "There is no generation before it to go back to; uninstall what it brought."
                raise JobError(f"{error} {kept}") from error
            with (
                _in_sentences(),
                working(self.store, "scope rollback (in the page)", Watch(), probing=self.probing) as work,
            ):
                done = rollback(work, before)
            number = done.generation.number if done.generation else ""
            raise JobError(f"{error} Generation {number} is current again.") from error

    def _renewed(self) -> None:
        try:
            self.engine.renew().result()
        except EngineError as error:
            raise JobError(f"The new engine did not start: {str(error).rstrip('.')}.") from error


def _applied(work: Work, plan: Plan) -> Done:
    try:
        return apply(work, plan) if needed(plan) else Done(plan.base, changed=False, notes=plan.notes)
    finally:
        shutil.rmtree(plan.folder, ignore_errors=True)


def _watch(handle: Handle) -> Watch:
    def show(step: Step) -> None:
        if step.text and not handle.cancelled.is_set():
            handle.step(step.text)

    return Watch(show, handle.cancelled)


@contextmanager
def _in_sentences() -> Generator[None]:
    try:
        yield
    except CancelledError as error:
        raise CancelledJobError from error
    except InstallError as error:
        raise JobError(error.told) from error


def _result(done: Done) -> dict[str, Any]:
    generation = done.generation
    plugins = {plugin.name: plugin.version for plugin in generation.plugins} if generation else {}
    number = generation.number if generation else None
    return {"generation": number, "changed": done.changed, "plugins": plugins, "notes": list(done.notes)}
