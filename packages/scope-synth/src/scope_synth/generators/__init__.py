"""The generators, one a file: pure functions from a view, a phase in seconds, a seed, and detail and warp in [0, 1] to a
field.
"""

from scope_synth.generators.cells import cells
from scope_synth.generators.fractal import fractal
from scope_synth.generators.noise import noise
from scope_synth.generators.tunnel import tunnel
from scope_synth.generators.water import water

GENERATORS = {"noise": noise, "cells": cells, "tunnel": tunnel, "fractal": fractal, "water": water}
