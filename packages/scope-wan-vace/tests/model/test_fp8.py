"""Linear layers in 8-bit floats."""

import pytest
import torch
from torch import nn

from scope_wan_vace.model.fp8 import Fp8Linear, quantise_fp8, to_fp8


def test_rows_come_back_within_the_precision_of_three_bits():
    x = torch.randn(5, 64) * torch.logspace(-6, 6, 5)[:, None]
    rows, scale = to_fp8(x)
    assert ((rows.float() * scale - x).abs() <= x.abs() / 16 + scale / 512).all()


def test_a_row_of_zeros_stays_zero():
    rows, scale = to_fp8(torch.zeros(1, 8))
    assert not (rows.float() * scale).any()


@pytest.mark.parametrize("multiplies", [True, False])
@pytest.mark.parametrize("shape", [(3, 48), (2, 3, 48)])
def test_equals_a_linear_layer_on_the_rounded_values(multiplies, shape):
    torch.manual_seed(0)
    linear, x = nn.Linear(48, 32), torch.randn(shape)
    quantised = Fp8Linear(linear)
    quantised.multiplies = multiplies
    weight, weight_scale = to_fp8(linear.weight.detach())
    rounded = x
    if multiplies:
        rows, scale = to_fp8(x)
        rounded = rows.float() * scale
    expected = nn.functional.linear(rounded, weight.float() * weight_scale, linear.bias)
    torch.testing.assert_close(quantised(x), expected, atol=1e-4, rtol=1e-4)
    assert (quantised(x) - linear(x)).abs().mean() < 0.05


@torch.inference_mode()
def test_replaces_nested_layers_and_a_quarter_of_the_memory_remains():
    model = nn.Sequential(nn.Linear(64, 64), nn.Sequential(nn.GELU(), nn.Linear(64, 64)))
    before = sum(weight.nbytes for weight in model.parameters() if weight.ndim == 2)
    quantise_fp8(model)
    assert not any(isinstance(module, nn.Linear) for module in model.modules())
    assert sum(tensor.nbytes for tensor in model.buffers()) < before * 0.3
    assert model(torch.randn(2, 64)).shape == (2, 64)
