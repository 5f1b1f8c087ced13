"""Spout and Syphon, which this machine has not: what they are given, and in which order, as their documentation says."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from scope.media.ports import PortError
from scope.media.ports.extras import SpoutOut, SyphonOut

RED = (220, 20, 30)


def still(height, width):
    return np.tile(np.array(RED, np.uint8), (height, width, 1))


class NotingSpout:
    """`SpoutGL.SpoutSender` as its documentation has it: the calls that we make, in their order."""

    def __init__(self):
        self.said = []

    def setSenderName(self, name):  # noqa: N802 - the library's name
        self.said.append(("name", name))

    def sendImage(self, pixels, width, height, gl_format, invert, host_fbo):  # noqa: N802
        self.said.append(("image", pixels.shape, pixels.flags.c_contiguous, width, height, gl_format, invert, host_fbo))
        self.first = pixels[0, 0].tolist()
        return width > 10

    def releaseSender(self):  # noqa: N802
        self.said.append(("release",))


def test_spout_gets_rgba_from_the_top_with_its_size(monkeypatch):
    spout = NotingSpout()
    monkeypatch.setitem(sys.modules, "SpoutGL", SimpleNamespace(SpoutSender=lambda: spout))
    port = SpoutOut("", "Show")
    port.put(still(48, 80), 0.0)
    with pytest.raises(PortError, match="Spout did not take the picture"):
        port.put(still(8, 8), 0.0)
    port.close()
    gl_rgba = 0x1908
    assert spout.said[:2] == [("name", "Show"), ("image", (48, 80, 4), True, 80, 48, gl_rgba, False, 0)]
    assert (spout.first, spout.said[-1]) == ([*RED, 255], ("release",))


class NotingSyphon:
    """`syphon` as its documentation has it: a server, a texture of its device, a copy into it, and its publication."""

    device = "gpu"

    def __init__(self):
        self.said = []

    def publish_frame_texture(self, texture):
        self.said.append(("publish", texture))

    def stop(self):
        self.said.append(("stop",))

    def texture(self, device, width, height):
        return device, width, height

    def copy(self, pixels, texture):
        self.said.append(("copy", pixels.shape, pixels[0, 0].tolist(), texture))


def test_syphon_gets_rgba_in_a_texture_of_each_size(monkeypatch):
    syphon = NotingSyphon()
    monkeypatch.setitem(sys.modules, "syphon", SimpleNamespace(SyphonMetalServer=lambda _name: syphon))
    monkeypatch.setitem(sys.modules, "syphon.utils.raw", SimpleNamespace(create_mtl_texture=syphon.texture))
    monkeypatch.setitem(sys.modules, "syphon.utils.numpy", SimpleNamespace(copy_image_to_mtl_texture=syphon.copy))
    port = SyphonOut("", "Show")
    for height, width in ((48, 80), (48, 80), (24, 40)):
        port.put(still(height, width), 0.0)
    port.close()
    textures = [("gpu", 80, 48)] * 2 + [("gpu", 40, 24)]
    copies = [("copy", (h, w, 4), [*RED, 255], (gpu, w, h)) for gpu, w, h in textures]
    assert syphon.said[0::2] == [*copies, ("stop",)]
    assert syphon.said[1::2] == [("publish", texture) for texture in textures]
