"""What every plugin here builds on, in two halves that do not mix.

`image` holds pure functions of tensors and knows nothing of plugins; `plugin` holds what a pipeline is made of. Import
what you need from its module (`from scope_gpu.plugin.frames import intake`).
"""

__version__ = "0.1.0"
