"""What runs on CUDA only, on fake CUDA tensors: they have no data but obey the same rules of shape, type and layout."""

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from scope_wan_vace.model import fp8
from scope_wan_vace.model.dit import gelu_of


class Recorder(TorchDispatchMode):
    """Names of the operations that ran."""

    def __init__(self):
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@pytest.fixture
def on_fake_cuda():
    with FakeTensorMode(), torch.inference_mode():
        yield


def linear(inputs, outputs) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, device="meta")
    for name, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
        weight = torch.empty(shape, dtype=torch.bfloat16, device="cuda")
        setattr(layer, name, nn.Parameter(weight, requires_grad=False))
    return layer


@pytest.mark.usefixtures("on_fake_cuda")
def test_gelu_happens_inside_the_product():
    x, layer = torch.empty(1, 24, 64, dtype=torch.bfloat16, device="cuda"), linear(64, 128)
    with Recorder() as recorder:
        out = gelu_of(layer, x)
    assert (out.shape, out.dtype) == ((1, 24, 128), torch.bfloat16)
    assert "_addmm_activation" in recorder.names
    assert "gelu" not in recorder.names


@pytest.mark.usefixtures("on_fake_cuda")
def test_eight_bit_products_scale_by_row_and_leave_nothing_to_do_in_float32(monkeypatch):
    monkeypatch.setattr(fp8, "can_multiply", lambda weight: True)
    x, layer = torch.empty(1, 24, 64, dtype=torch.bfloat16, device="cuda"), fp8.Fp8Linear(linear(64, 128))
    with Recorder() as recorder:
        out = layer(x)
    assert (out.shape, out.dtype) == ((1, 24, 128), torch.bfloat16)
    assert set(recorder.names[recorder.names.index("_scaled_mm") + 1 :]) <= {"unflatten", "view"}
