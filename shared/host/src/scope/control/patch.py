"""JSON Patch (RFC 6902) on documents that are never changed in place, and the patch between two documents.

Beyond the RFC, an item of a list may be addressed by its `id`: `/stages/fx/values/trails`. What a patch does not touch
is shared by the old and the new document, so keeping old ones costs little.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Json = Any
_Container = dict[str, Any] | list[Any]


class PatchError(ValueError):
    """A patch that does not fit the document; the message names the path."""


class Operation(BaseModel):
    """One step of a patch: `value` for add, replace and test; `from` for move and copy."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: Annotated[str, Field(max_length=1000)]
    value: Any = None
    from_: Annotated[str | None, Field(alias="from", max_length=1000)] = None


def apply_patch(document: Json, operations: Sequence[Operation]) -> Json:
    """The document after all operations, or none: the document given stays as it was.

    Raises:
        PatchError: a path that is not there, an index out of range, a failed test.
    """
    for operation in operations:
        document = _applied(document, operation)
    return document


def _applied(document: Json, operation: Operation) -> Json:
    path, value = operation.path, operation.value
    match operation.op:
        case "add":
            return _edited(document, path, lambda box, token: _add(box, token, value))
        case "remove":
            return _edited(document, path, _remove)
        case "replace":
            return _edited(document, path, lambda box, token: _replace(box, token, value))
        case "test":
            if (found := look_up(document, path)) != value:
                raise PatchError(f"{path}: expected {value!r}, found {found!r}")
            return document
        case "move" | "copy":
            return _carried(document, operation)


def _carried(document: Json, operation: Operation) -> Json:
    origin = operation.from_
    if origin is None:
        raise PatchError(f"{operation.path}: {operation.op} needs 'from'")
    if operation.op == "move" and operation.path.startswith(origin + "/"):
        raise PatchError(f"{operation.path}: cannot move {origin} into itself")
    value = look_up(document, origin)
    if operation.op == "move":
        document = _edited(document, origin, _remove)
    return _edited(document, operation.path, lambda box, token: _add(box, token, value))


def look_up(document: Json, path: str) -> Json:
    """What stands at a path.

    Raises:
        PatchError: nothing does.
    """
    for token in _tokens(path):
        document = document[_key(document, token)]
    return document


def _edited(document: Json, path: str, change: Callable[[_Container, str], None]) -> Json:
    """A copy in which `change` was made; copies only the containers on the way."""
    *parents, last = _tokens(path)
    root = box = _copied(document)
    for token in parents:
        key: Any = _key(box, token)
        box[key] = box = _copied(box[key])
    change(box, last)
    return root


def _copied(value: Json) -> Any:
    if not isinstance(value, dict | list):
        raise PatchError(f"expected an object or a list on the path, found {value!r}")
    return value.copy()


def _add(box: _Container, token: str, value: Json) -> None:
    if isinstance(box, dict):
        box[token] = value
        return
    index = len(box) if token == "-" else _index(token)
    if not 0 <= index <= len(box):
        raise PatchError(f"no place {token!r} in a list of {len(box)}")
    box.insert(index, value)


def _replace(box: _Container, token: str, value: Json) -> None:
    key: Any = _key(box, token)
    box[key] = value


def _remove(box: _Container, token: str) -> None:
    key: Any = _key(box, token)
    del box[key]


def _key(box: Json, token: str) -> Any:
    if isinstance(box, dict) and token in box:
        return token
    if isinstance(box, list):
        by_id = [i for i, item in enumerate(box) if isinstance(item, dict) and item.get("id") == token]
        index = by_id[0] if by_id else _index(token)
        if 0 <= index < len(box):
            return index
    raise PatchError(f"there is no {token!r} at this place")


def _index(token: str) -> int:
    if token.isascii() and token.isdecimal() and len(token) < 9:
        return int(token)
    raise PatchError(f"expected an index or an id, got {token!r}")


def _tokens(path: str) -> list[str]:
    if not path.startswith("/"):
        raise PatchError(f"expected a path that begins with '/', got {path!r}")
    return [token.replace("~1", "/").replace("~0", "~") for token in path[1:].split("/")]


def pointer(*tokens: str | int) -> str:
    """The path of these names and indices."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def difference(old: Json, new: Json, at: str = "") -> list[Operation]:
    """A patch, by indices only, that makes `new` of `old`. Both are objects; a list that changes length is replaced."""
    if old is new:
        return []
    operations = [Operation(op="remove", path=at + pointer(name)) for name in old if name not in new]
    for name, value in new.items():
        path = at + pointer(name)
        if name not in old:
            operations.append(Operation(op="add", path=path, value=value))
        else:
            operations += _between(old[name], value, path)
    return operations


def _between(old: Json, new: Json, path: str) -> list[Operation]:
    if old is new or (old == new and type(old) is type(new)):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        return difference(old, new, path)
    if _same_items(old, new):
        pairs = enumerate(zip(old, new, strict=True))
        return [step for i, (a, b) in pairs for step in difference(a, b, path + pointer(i))]
    return [Operation(op="replace", path=path, value=new)]


def _same_items(old: Json, new: Json) -> bool:
    """True for lists of objects with the same ids in the same order."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return False
    return all(
        isinstance(a, dict) and isinstance(b, dict) and a.get("id") == b.get("id")
        for a, b in zip(old, new, strict=True)
    )
