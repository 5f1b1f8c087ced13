"""Small changes of the set-up document, each a copy that shares what it does not touch."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from scope.control.patch import Operation, PatchError, apply_patch, pointer
from scope.control.setup import SetupError, check_setup
from scope.control.strict_json import JsonError, check_json
from scope.server.answers import MISSING
from scope.server.engine_setup import check_files
from scope.server.paths import ForbiddenPathError, check_paths

# Of a value in the document's stages, so that the document as a whole keeps within its own depth.
_VALUE_DEPTH = 4
_MAX_VALUES = 500

Json = dict[str, Any]


class ShowError(ValueError):
    """A change that cannot be made, in one sentence."""


def checked(document: Json) -> Json:
    """A document as it is kept.

    Raises:
        ShowError: it is no set-up, or names files outside the folders for them.
    """
    try:
        found = check_setup(document).document()
        check_files(found)
    except (SetupError, ForbiddenPathError) as error:
        raise ShowError(str(error)) from error
    return found


def patched(document: Json, operations: Sequence[Operation]) -> Json:
    """The document after a JSON Patch.

    Raises:
        ShowError: the patch does not fit, or what comes out is no set-up.
    """
    try:
        return checked(apply_patch(document, operations))
    except PatchError as error:
        raise ShowError(str(error)) from error


def with_prompts(document: Json, prompts: Any, transition: Any) -> Json:
    """The document with other prompts, another transition, or what it has where None is given.

    Raises:
        ShowError: not prompts, or not a transition.
    """
    given = {"prompts": prompts, "transition": transition}
    return checked(document | {name: value for name, value in given.items() if value is not None})


def check_values(values: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    """Refuse values that no stage could take, beside those that are `there`.

    Raises:
        ShowError: with what was expected and what came.
    """
    try:
        for value in values.values():
            check_json(value, _VALUE_DEPTH)
        check_paths(values)
    except (JsonError, ForbiddenPathError) as error:
        raise ShowError(str(error)) from error
    if any(not 1 <= len(name) <= 120 for name in values):
        raise ShowError("expected names of 1 to 120 characters")
    if len(there.keys() | values.keys()) > _MAX_VALUES:
        raise ShowError(f"expected at most {_MAX_VALUES} values for a stage")


def with_values(document: Json, stage_id: str, values: Mapping[str, Any]) -> Json:
    """The document with these values of a stage."""
    steps = [
        Operation(op="add", path=pointer("stages", stage_id, "values", name), value=value)
        for name, value in values.items()
    ]
    return apply_patch(document, steps)


def corrected(document: Json, stage_id: str, name: str, value: Any) -> Json:
    """The document with the value that is in force, or without it when that is MISSING."""
    stage = next((stage for stage in document["stages"] if stage["id"] == stage_id), None)
    if stage is None or (value is MISSING and name not in stage["values"]):
        return document
    if value is MISSING:
        return apply_patch(document, [without("stages", stage_id, "values", name)])
    return document if stage["values"].get(name) == value else with_values(document, stage_id, {name: value})


def without(*tokens: str) -> Operation:
    """The step of a patch that removes what stands there."""
    return Operation(op="remove", path=pointer(*tokens))


def label_of(operations: Sequence[Operation]) -> str:
    """What undo calls a patch: the last names of its paths."""
    paths = [operation.path.rsplit("/", 1)[-1] for operation in operations]
    return ", ".join(dict.fromkeys(paths))[:120] or "nothing"


def stage_id_of(node_id: str) -> str:
    """A node id as a stage id: what it may not hold becomes a hyphen.

    >>> stage_id_of("fx"), stage_id_of("9 lives")
    ('fx', 'n-9-lives')
    """
    clean = re.sub(r"[^A-Za-z0-9._-]", "-", node_id)[:60]
    return clean if clean[:1].isalpha() else f"n-{clean}"
