"""Mutants of the schema: the clean filter's config with one field or one class variable changed."""

from enum import StrEnum
from typing import Any, Literal, cast

from mutants.clean import Gain, GainConfig, Tint, Wave, WaveConfig, number
from mutants.registry import mutant
from pydantic import Field

from scope.core.pipelines.base_schema import ModeDefaults, UsageType, ui_field_config


class Kind(StrEnum):
    SOFT = "soft"
    HARD = "hard"


def _extra(annotation: Any, default: Any = ..., /, *, ui: dict | None = None, **field: Any) -> type:
    """A config with one more field `extra`; every picture depends on it, so that only its schema is at fault."""
    options: dict[str, Any] = {"order": 7, "label": "Extra"} | (ui or {})
    options = {name: value for name, value in options.items() if value is not None}
    field = {"description": "One more"} | field
    if default is not ...:
        field["default"] = default
    body = {"__annotations__": {"extra": annotation}, "__module__": __name__, "pipeline_id": "mutant-extra"}
    return type(
        "ExtraConfig", (GainConfig,), body | {"extra": Field(json_schema_extra=ui_field_config(**options), **field)}
    )


def _variables(**variables: Any) -> type:
    """A config with other class variables."""
    return type("ChangedConfig", (GainConfig,), {"__module__": __name__, "pipeline_id": "mutant-changed"} | variables)


def _pipeline(code: str, config: type, base: type = Gain) -> None:
    mutant(code)(type(f"Schema{code}", (base,), {"config": config, "__module__": __name__}))


class Extra(Gain):
    """Takes any value of `extra` and shows it as a level."""

    def effect(self, frames, kwargs):
        given = kwargs.get("extra", self.config.model_fields["extra"].default)
        level = number(given, float(sum(str(given).encode()) % 97), -1e9, 1e9)
        return super().effect(frames, kwargs) * (1.0 - 0.003 * (abs(level) * 7.3 % 97))


_UNIT: dict[str, Any] = {"ge": 0.0, "le": 1.0}

_pipeline("S001", _extra(float, 0.5, ui={"label": None}, **_UNIT), Extra)
_pipeline("S002", _extra(float, 0.5, description=None, **_UNIT), Extra)
_pipeline("S004", _extra(float, 0.5, gt=0.0, le=1.0), Extra)
_pipeline("S005", _extra(float, 0.5, ge=0.0), Extra)
_pipeline("S006", _extra(Literal["soft", "hard"] | None, None), Extra)
_pipeline("S007", _extra(Kind | None, None), Extra)
_pipeline("S008", _extra(float | None, None, **_UNIT), Extra)
_pipeline("S009", _extra(Literal["soft"], "soft"), Gain)
_pipeline("S010", _extra(Literal[1, 2], 1), Extra)
_pipeline("S011", _extra(tuple[int, int], (1, 2)), Gain)
_pipeline("S012", _extra(float, 1.5, **_UNIT), Extra)
_pipeline("S013", _extra(float, 0.5, ui={"order": 1}, **_UNIT), Extra)
_pipeline("S014", _extra(bool, False, ui={"modes": ["image"]}), Gain)
_pipeline("S016", _extra(bool), Extra)
_pipeline("S018", _extra(bool, False, ui={"component": "resolutoin"}), Extra)
_pipeline("S019", _extra(bool, False, ui={"category": "settings"}), Extra)
_pipeline("S024", _extra(float, 5.0, ui={"modulatable": True}, ge=0.0, le=10.0), Extra)


class BareConfig(GainConfig):
    pipeline_id = "mutant-bare"
    extra: bool = False


class FactoryConfig(GainConfig):
    pipeline_id = "mutant-factory"
    extra: float = Field(
        default_factory=lambda: 0.5,
        ge=0.0,
        le=1.0,
        description="One more",
        json_schema_extra=ui_field_config(order=7, label="Extra"),
    )


class InputPanelConfig(GainConfig):
    pipeline_id = "mutant-input-panel"
    usage = [UsageType.POSTPROCESSOR]
    tint: Tint = Field(
        default=Tint.NONE,
        description="Color cast",
        json_schema_extra=ui_field_config(order=2, label="Tint", category="input"),
    )


class NotFiniteConfig(GainConfig):
    pipeline_id = "mutant-not-finite"
    docs_url = cast("Any", b"https://example.org")


class ReservedConfig(GainConfig):
    pipeline_id = "mutant-reserved"
    paused: bool = Field(default=False, description="Hold", json_schema_extra=ui_field_config(order=7, label="Hold"))


class TextPostprocessorConfig(WaveConfig):
    pipeline_id = "mutant-text-post"
    usage = [UsageType.POSTPROCESSOR]


_pipeline("S003", BareConfig)
_pipeline("S015", FactoryConfig, Extra)
_pipeline("S017", InputPanelConfig)
_pipeline("S020", NotFiniteConfig)
_pipeline("S021", _variables(modes={"video": ModeDefaults()}))
_pipeline("S022", TextPostprocessorConfig, Wave)
_pipeline("S027", _variables(pipeline_description=" "))


@mutant("S023")
class Reserved(Gain):
    config = ReservedConfig

    def effect(self, frames, kwargs):
        return super().effect(frames, kwargs) * (0.5 if kwargs.get("paused") else 1.0)
