"""Parts of a larger picture."""

import torch

from scope_gpu.image.windows import window


def test_a_place_given_by_tensors_is_that_given_by_numbers():
    picture = torch.rand(1, 2, 20, 30)
    by_numbers = window(picture, 3.0, 11.0, 5, 7)
    assert torch.equal(by_numbers, picture[..., 3:8, 11:18])
    assert by_numbers.data_ptr() == picture[..., 3:, 11:].data_ptr()
    assert torch.equal(window(picture, torch.tensor(3.0), torch.tensor(11.0), 5, 7), by_numbers)
