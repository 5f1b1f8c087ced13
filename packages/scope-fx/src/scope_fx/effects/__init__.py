"""The effects, one a module: its controls and its function. Here they stand in the order in which they are applied.

Time, composition, light, lens, print, transmission, film: first what rearranges the picture, last what lies on top. Trails
come before the grade, so that a grade acts once on a trail instead of once a frame.
"""

from scope_fx.effects.aberration import Aberration
from scope_fx.effects.ascii import Ascii
from scope_fx.effects.bloom import Bloom
from scope_fx.effects.blur import Blur
from scope_fx.effects.bump import Bump
from scope_fx.effects.comic import Comic
from scope_fx.effects.crt import Crt
from scope_fx.effects.datamosh import Datamosh
from scope_fx.effects.dither import Dither
from scope_fx.effects.droste import Droste
from scope_fx.effects.echo import Echo
from scope_fx.effects.edge_glow import EdgeGlow
from scope_fx.effects.feedback import Feedback
from scope_fx.effects.glass import Glass
from scope_fx.effects.glitch import Glitch
from scope_fx.effects.grade import Grade
from scope_fx.effects.gradient_map import GradientMap
from scope_fx.effects.grain import Grain
from scope_fx.effects.halftone import Halftone
from scope_fx.effects.kaleidoscope import Kaleidoscope
from scope_fx.effects.key import Key
from scope_fx.effects.liquid import Liquid
from scope_fx.effects.lut import Lut
from scope_fx.effects.mirror import Mirror
from scope_fx.effects.oil import Oil
from scope_fx.effects.pixel_sort import PixelSort
from scope_fx.effects.pixelate import Pixelate
from scope_fx.effects.posterize import Posterize
from scope_fx.effects.rays import Rays
from scope_fx.effects.rgb_delay import RgbDelay
from scope_fx.effects.sharpen import Sharpen
from scope_fx.effects.slit_scan import SlitScan
from scope_fx.effects.strobe import Strobe
from scope_fx.effects.stutter import Stutter
from scope_fx.effects.tile import Tile
from scope_fx.effects.trails import Trails
from scope_fx.effects.transform import Transform
from scope_fx.effects.vhs import Vhs
from scope_fx.effects.vignette import Vignette
from scope_gpu.plugin.effect import Effect

EFFECTS: list[Effect] = [
    Stutter(),
    SlitScan(),
    Echo(),
    RgbDelay(),
    Transform(),
    Mirror(),
    Kaleidoscope(),
    Tile(),
    Droste(),
    Glass(),
    Liquid(),
    Key(),
    EdgeGlow(),
    Trails(),
    Feedback(),
    Datamosh(),
    Grade(),
    Lut(),
    GradientMap(),
    Blur(),
    Sharpen(),
    Oil(),
    Comic(),
    Rays(),
    Bloom(),
    Bump(),
    Aberration(),
    Vignette(),
    PixelSort(),
    Pixelate(),
    Posterize(),
    Halftone(),
    Dither(),
    Ascii(),
    Strobe(),
    Glitch(),
    Vhs(),
    Grain(),
    Crt(),
]
