"""What every host expects of a pipeline."""

from scope_synth.pipeline import SynthPipeline
from scope_testkit.contract import PipelineContract


class TestSynth(PipelineContract):
    pipeline = SynthPipeline
