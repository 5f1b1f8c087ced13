"""The older import path of the schema classes; the same objects as in `base_schema`."""

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config

__all__ = ["BasePipelineConfig", "ModeDefaults", "UsageType", "ui_field_config"]
