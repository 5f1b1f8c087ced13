"""The closed sets of words in the plugin API."""

from enum import StrEnum


class UsageType(StrEnum):
    """Where in a chain a pipeline may stand besides being the main one."""

    PREPROCESSOR = "preprocessor"
    POSTPROCESSOR = "postprocessor"
