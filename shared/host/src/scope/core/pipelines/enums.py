"""The closed sets of words in the plugin API."""

from enum import StrEnum


class UsageType(StrEnum):
    """Where in a chain a pipeline may stand besides being the main one."""

    PREPROCESSOR = "preprocessor"
    POSTPROCESSOR = "postprocessor"


class Quantization(StrEnum):
    """How the weights of a large model are stored to save memory."""

    FP8_E4M3FN = "fp8_e4m3fn"


class VaeType(StrEnum):
    """The autoencoders that stand between pictures and latents of the Wan family; `common_artifacts` has their files."""

    WAN = "wan"
    LIGHTVAE = "lightvae"
    TAE = "tae"
    LIGHTTAE = "lighttae"
