"""The order of the checks, and what each needs before it makes sense."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Literal

from scope_testkit.checks import basics, edges, frames, modes, parameters, schema, splits, state
from scope_testkit.findings import Finding
from scope_testkit.play import attempt
from scope_testkit.subject import Results, Skipped, Subject

Scope = Literal["pipeline", "mode", "video"]


@dataclass(frozen=True)
class Check:
    """One check: made once for a pipeline, once in each mode, or once in video mode. `of_sound`: also of pipelines that
    make sound only."""

    name: str
    run: Callable[[Subject], Results]
    scope: Scope
    of_sound: bool = True


def _checks(scope: Scope, *functions: FunctionType, of_sound: bool = True) -> tuple[Check, ...]:
    return tuple(Check(function.__name__, function, scope, of_sound) for function in functions)


def _of_pictures(scope: Scope, *functions: FunctionType) -> tuple[Check, ...]:
    return _checks(scope, *functions, of_sound=False)


# These two say whether the pipeline can be called; the others rely on it.
FIRST = _checks("pipeline", schema.schema, basics.construction)
PLAIN = Check("plain_call", basics.plain_call, "mode")
REST = (
    *_checks("mode", modes.prepare),
    *_of_pictures("mode", basics.outputs, basics.frame_count, basics.kept_results),
    *_of_pictures("video", frames.dtypes, frames.counts, frames.sizes, frames.size_change, frames.mixed_sizes),
    *_of_pictures("video", frames.layouts, frames.untouched_input, edges.edges),
    *_checks("mode", parameters.unknown_names, parameters.allowed_values, parameters.unvalidated_values),
    *_checks("mode", parameters.absent_values, parameters.stated_defaults),
    *_of_pictures("mode", parameters.neutral_values),
    *_checks("mode", parameters.levers),
    *_checks("pipeline", parameters.load_levers),
    *_checks("mode", state.restart, state.separate_instances, state.determinism, state.memory),
    *_of_pictures("video", splits.declared_state),
    *_checks("mode", state.threads, state.recovery),
    *_checks("mode", modes.prompts),
    *_of_pictures("mode", modes.pace, modes.chains),
    *_checks("pipeline", modes.switching),
)
CHECKS = (*FIRST, PLAIN, *REST)


def run(check: Check, subject: Subject) -> Iterator[Finding | Skipped]:
    """The results of one check over the modes it is for; nothing where the pipeline cannot be called at all."""
    views, error = attempt(_views, check, subject)
    if error is not None:
        return iter([_stopped(check, subject, error)])
    return _once(result for view in views for result in _results(check, view))


def examine(subject: Subject, begin: Callable[[str], None] = lambda name: None) -> Iterator[Finding | Skipped]:
    """Every check on one pipeline. `begin` hears the name of each check beforehand."""

    def results() -> Iterator[Finding | Skipped]:
        for check in CHECKS:
            begin(check.name)
            yield from run(check, subject)

    return _once(results())


def _once(results: Iterable[Finding | Skipped]) -> Iterator[Finding | Skipped]:
    """One finding a code and field: the same fault under other parameters or in another mode is the same fault."""
    seen = set()
    for result in results:
        key = (result.code, result.place.field) if isinstance(result, Finding) else result
        if key not in seen:
            seen.add(key)
            yield result


def _results(check: Check, view: Subject) -> list[Finding | Skipped]:
    results, error = attempt(lambda: list(check.run(view)))
    if error is not None:
        return [_stopped(check, view, error)]
    return results


def _stopped(check: Check, subject: Subject, error: BaseException) -> Finding:
    return subject.finding("X007", f"the check {check.name} was stopped", error=error)


def _views(check: Check, subject: Subject) -> list[Subject]:
    if check in FIRST:
        return [subject]
    if attempt(subject.build)[1] is not None or not (check.of_sound or subject.config.produces_video):
        return []
    usable = [mode for mode in subject.modes if mode in schema.INPUT_MODES]
    views = [subject.view(mode) for mode in usable if check.scope != "video" or mode == "video"]
    views = views if check is PLAIN else [view for view in views if view.carrier is not None]
    return views[:1] if check.scope == "pipeline" else views
