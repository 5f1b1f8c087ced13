"""Linear layers in 8-bit floats (e4m3), one scale a row of the weights and one a token of the input."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

E4M3_MAX = 448.0


def to_fp8(x: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of `x` [..., channels] as e4m3 and the float32 scales [..., 1] that give them back."""
    scale = x.abs().amax(dim=-1, keepdim=True).float().clamp(min=1e-12) / E4M3_MAX
    return (x / scale).to(torch.float8_e4m3fn), scale


class Fp8Linear(nn.Module):
    """`nn.Linear` (with a bias) with weights in fp8; multiplies in fp8 where the device can, else only stores so."""

    weight: Tensor
    scale: Tensor

    def __init__(self, linear: nn.Linear):
        super().__init__()
        weight, scale = to_fp8(linear.weight.detach())
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale.T.contiguous())
        self.bias = linear.bias
        self.multiplies = can_multiply(weight)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] → [..., out] in the type of `x`."""
        if not self.multiplies:
            return F.linear(x, (self.weight.float() * self.scale.T).type_as(x), self.bias)
        rows, scale = to_fp8(x.flatten(0, -2))
        return scaled_product(rows, scale, self.weight, self.scale, self.bias, x.dtype).unflatten(0, x.shape[:-1])


def scaled_product(
    rows: Tensor, row_scale: Tensor, weight: Tensor, column_scale: Tensor, bias: Tensor, dtype: torch.dtype
) -> Tensor:
    """rows [n, in] · weight [out, in]ᵀ, scaled by row [n, 1] and column [1, out], plus bias: [n, out] in `dtype`.

    CUDA scales inside the product (bfloat16 out); elsewhere this is its definition, in float32.
    """
    if rows.is_cuda:
        return torch._scaled_mm(rows, weight.T, row_scale, column_scale, bias, out_dtype=dtype, use_fast_accum=True)
    return ((rows.float() @ weight.float().T) * row_scale * column_scale + bias).to(dtype)


def can_multiply(weight: Tensor) -> bool:
    """Whether the device of `weight` multiplies fp8 matrices of its shape."""
    if weight.device.type != "cuda":
        return weight.device.type == "cpu"
    return torch.cuda.get_device_capability(weight.device) >= (8, 9) and not any(size % 16 for size in weight.shape)


def quantise_fp8(module: nn.Module) -> None:
    """Replace every linear layer below `module`, in place; parts of a fused projection go."""
    if getattr(module, "qkv", None) is not None:
        for part in ("q", "k", "v"):
            delattr(module, part)
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, Fp8Linear(child))
        else:
            quantise_fp8(child)
