"""An instance is made as hosts make it, and one that cannot be made says why."""

from typing import Any

import pytest

from scope.runtime.build import construct
from scope.runtime.faults import PipelineError


def test_construction_passes_defaults_then_load_parameters(gain):
    pipeline: Any = construct(gain, {"height": 99, "unknown": 1})
    assert pipeline.load["height"] == 99
    assert pipeline.load["width"] == 512
    assert pipeline.load["unknown"] == 1
    assert pipeline.load["tags"] == []
    assert "noise_scale" not in pipeline.load


def test_a_constructor_that_fails_is_shown_with_its_reason(gain):
    class Broken(gain):
        def __init__(self, **load):
            raise FileNotFoundError("no weights in models/")

    with pytest.raises(PipelineError, match="'gain' could not be loaded: FileNotFoundError: no weights in models/"):
        construct(Broken)
