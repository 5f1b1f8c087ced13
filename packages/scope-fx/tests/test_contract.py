"""What every host expects of a pipeline."""

from scope_fx.pipeline import FxPipeline
from scope_testkit.contract import PipelineContract


class TestFx(PipelineContract):
    pipeline = FxPipeline
