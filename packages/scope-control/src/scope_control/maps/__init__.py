"""The maps, one a module: its controls and its pure function. Here they stand in the order of the menu."""

from scope_control.maps.base import ControlMap
from scope_control.maps.blur import Blur
from scope_control.maps.canny import Canny
from scope_control.maps.flow import Flow
from scope_control.maps.gray import Gray
from scope_control.maps.line_art import LineArt
from scope_control.maps.masks import BorderMask, BoxMask, ChromaMask, LumaMask
from scope_control.maps.mosaic import Mosaic
from scope_control.maps.motion import Motion
from scope_control.maps.relief import Relief
from scope_control.maps.scribble import Scribble
from scope_control.maps.soft_edge import SoftEdge

MAPS: list[ControlMap] = [
    Canny(),
    SoftEdge(),
    LineArt(),
    Scribble(),
    Blur(),
    Mosaic(),
    Gray(),
    Relief(),
    Motion(),
    Flow(),
    LumaMask(),
    ChromaMask(),
    BoxMask(),
    BorderMask(),
]
