"""What every plugin here builds on: frames in and out, parameters, devices, and a few image operations.

Each module stands alone; import what you need from it (`from scope_gpu.frames import intake`).
"""

__version__ = "0.1.0"
