"""What every host expects of a pipeline."""

from scope_synth.pipeline import SynthPipeline
from scope_testkit.contract import PipelineContract


class TestSynth(PipelineContract):
    pipeline = SynthPipeline
    allow = {
        "V005:synth_follow": "acts on the known words of a prompt; the films of this check have no prompt",
        "V005:synth_tap": "acts when it is flipped in time while a beat is wanted; the films of this check set it once",
    }
