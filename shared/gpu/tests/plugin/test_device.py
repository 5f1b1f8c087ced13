"""Where tensors live."""

import torch

from scope_gpu.plugin.device import pick_device


def test_a_given_device_wins():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device(torch.device("meta")).type == "meta"


def test_without_one_it_is_a_device_that_computes():
    assert torch.ones(2, device=pick_device()).sum().item() == 2
