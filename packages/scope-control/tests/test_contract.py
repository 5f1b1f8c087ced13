"""What every host expects of a pipeline."""

from scope_control.pipeline import ControlPipeline
from scope_testkit.contract import PipelineContract


class TestControl(PipelineContract):
    pipeline = ControlPipeline
