"""The fields of a pipeline's JSON schema as flat entries: references followed, null left out."""

from collections.abc import Mapping
from typing import Any

Entry = dict[str, Any]

_OF_THE_FIELD = ("default", "description", "title", "ui")


def fields_of(schema: Mapping[str, Any]) -> dict[str, Entry]:
    """Every property with its type, bounds, choices, default and `ui`, wherever in the schema they stand.

    >>> fields_of({"$defs": {"Side": {"enum": ["left", "right"]}}, "properties": {"a": {"$ref": "#/$defs/Side"}}})
    {'a': {'enum': ['left', 'right']}}
    """
    definitions = schema.get("$defs", {})
    return {name: _flat(entry, definitions) for name, entry in schema.get("properties", {}).items()}


def defaults_of(schema: Mapping[str, Any]) -> Entry:
    """What the fields stand at without a value, for those with a default."""
    return {name: entry["default"] for name, entry in fields_of(schema).items() if "default" in entry}


def field_of(schema: Mapping[str, Any], name: str) -> Entry:
    """One field as `fields_of` gives it; empty if there is none."""
    return _flat(schema.get("properties", {}).get(name, {}), schema.get("$defs", {}))


def is_whole(schema: Mapping[str, Any], name: str) -> bool:
    """Whether a field holds whole numbers only."""
    return field_of(schema, name).get("type") == "integer"


def live_fields(schema: Mapping[str, Any]) -> dict[str, Entry]:
    """The fields that can be moved while a pipeline runs: all but load parameters."""
    return {name: entry for name, entry in fields_of(schema).items() if not entry.get("ui", {}).get("is_load_param")}


def choices_of(entry: Mapping[str, Any]) -> list[Any]:
    """The values of a menu, or of a toggle; empty for other fields."""
    if "enum" in entry:
        return list(entry["enum"])
    return [False, True] if entry.get("type") == "boolean" else []


def _flat(entry: Mapping[str, Any], definitions: Mapping[str, Any]) -> Entry:
    own = {key: entry[key] for key in _OF_THE_FIELD if key in entry}
    kinds = entry.get("anyOf") or entry.get("allOf")
    if kinds:
        kind = next((k for k in kinds if k.get("type") != "null"), {})
        return _flat(kind, definitions) | own
    if "$ref" in entry:
        return _flat(definitions.get(entry["$ref"].rsplit("/", 1)[-1], {}), definitions) | own
    if "const" in entry:
        return {"enum": [entry["const"]]} | own
    return dict(entry)
