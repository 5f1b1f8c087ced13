"""The generators, one a module: its controls and its pure function of a view, a phase in seconds and a seed. Here they stand
in the order of the menu.
"""

from scope_synth.generators.bars import Bars
from scope_synth.generators.base import Generator
from scope_synth.generators.cave import Cave
from scope_synth.generators.cells import Cells
from scope_synth.generators.fire import Fire
from scope_synth.generators.flow import Flow
from scope_synth.generators.fluid import Fluid
from scope_synth.generators.fractal import Fractal
from scope_synth.generators.kaleidoscope import Kaleidoscope
from scope_synth.generators.lettered import Type
from scope_synth.generators.lissajous import Lissajous
from scope_synth.generators.mesh import Mesh
from scope_synth.generators.metaballs import Metaballs
from scope_synth.generators.noise import Noise
from scope_synth.generators.reaction import Reaction
from scope_synth.generators.stars import Stars
from scope_synth.generators.testcard import Testcard
from scope_synth.generators.truchet import Truchet
from scope_synth.generators.tunnel import Tunnel
from scope_synth.generators.water import Water

GENERATORS: list[Generator] = [
    Type(),
    Noise(),
    Cells(),
    Tunnel(),
    Fractal(),
    Water(),
    Stars(),
    Metaballs(),
    Mesh(),
    Bars(),
    Lissajous(),
    Truchet(),
    Fire(),
    Kaleidoscope(),
    Reaction(),
    Flow(),
    Fluid(),
    Cave(),
    Testcard(),
]
