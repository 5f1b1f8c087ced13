"""What a person types or a client sends, held against a pipeline's schema before anything runs."""

import difflib
import json
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from scope.core.pipelines.base_schema import BasePipelineConfig

# Names that hosts understand or forward for any pipeline, whether its schema has them or not.
RUNTIME_NAMES = frozenset(
    {
        "denoising_step_list",
        "first_frame_image",
        "images",
        "last_frame_image",
        "lora_scales",
        "prompt_interpolation_method",
        "prompts",
        "reset_cache",
        "transition",
        "vace_ref_images",
    }
)
LOAD_NAMES = frozenset({"loras", "lora_merge_mode", "quantization", "seed", "vace_enabled", "vae_type"})


class SettingError(ValueError):
    """A parameter that a pipeline lacks or a value that it cannot take: says what was expected and what came."""


def checked_setting(config: type[BasePipelineConfig], name: str, text: str, *, load: bool = False) -> Any:
    """The value of `name=text` for this pipeline: JSON where it is JSON, else a text, checked by the schema.

    Raises:
        SettingError: no such parameter (with the nearest name), another type, out of range, or the wrong moment.
    """
    field = config.model_fields.get(name)
    if field is None:
        if name in (LOAD_NAMES if load else RUNTIME_NAMES):
            return _from_json(text)
        raise SettingError(_unknown(config, name))
    ui = (field.json_schema_extra or {}).get("ui", {}) if isinstance(field.json_schema_extra, dict) else {}
    if not load and isinstance(ui, dict) and ui.get("is_load_param"):
        raise SettingError(f"{config.pipeline_id}: {name!r} is read once at load; use --load {name}={text}")
    adapter = TypeAdapter(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)
    return _first_valid(adapter, config, name, text)


def _first_valid(adapter: TypeAdapter, config: type[BasePipelineConfig], name: str, text: str) -> Any:
    """The text itself is tried first where the field takes one, so that "1" can be a caption."""
    for candidate in (text, _from_json(text)):
        try:
            return adapter.validate_python(candidate)
        except ValidationError:
            continue
    wanted = describe(config.model_json_schema(), name)
    raise SettingError(f"{config.pipeline_id}: parameter {name!r} expected {wanted}, got {text!r}")


def describe(schema: dict[str, Any], name: str) -> str:
    """What a field of a JSON schema accepts, in words, such as `a number from 0 to 1`."""
    entry = schema["properties"][name]
    kinds = [_resolve(schema, option) for option in entry.get("anyOf", [entry])]
    return " or ".join(_words(kind) for kind in kinds)


def _resolve(schema: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    reference = entry.get("$ref", "")
    return schema.get("$defs", {}).get(reference.rsplit("/", 1)[-1], entry)


def _words(entry: dict[str, Any]) -> str:
    if "enum" in entry:
        return "one of " + ", ".join(map(repr, entry["enum"]))
    if "const" in entry:
        return repr(entry["const"])
    names = {"number": "a number", "integer": "a whole number", "string": "a text", "boolean": "true or false"}
    words = names.get(entry.get("type", ""), f"a JSON {entry.get('type', 'value')}")
    low, high = entry.get("minimum"), entry.get("maximum")
    if low is not None and high is not None:
        return f"{words} from {low:g} to {high:g}"
    return words + (f" of at least {low:g}" if low is not None else f" of at most {high:g}" if high is not None else "")


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _unknown(config: type[BasePipelineConfig], name: str) -> str:
    near = difflib.get_close_matches(name, config.model_fields, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{config.pipeline_id}: no parameter {name!r}{hint} (see `scope schema {config.pipeline_id}`)"
