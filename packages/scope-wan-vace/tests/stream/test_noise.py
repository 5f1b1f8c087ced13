"""The noise of a seed."""

import torch

from scope_wan_vace.stream.noise import NoiseSource, seeded_noise

CPU = torch.device("cpu")


def test_noise_depends_on_seed_and_frame_only():
    shapes = [(1, 2, 3), (4,)]
    first, again, later = (seeded_noise(7, frame, shapes, CPU) for frame in (0, 0, 3))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], later[0])
    assert not torch.equal(first[0], seeded_noise(8, 0, shapes, CPU)[0])
    assert torch.equal(seeded_noise(7, 0, [(1, 2, 3)], CPU)[0], first[0])


def test_prefetched_noise_is_handed_out_once_and_only_where_it_fits():
    source, shapes = NoiseSource(CPU), [(2, 3)]
    source.prefetch(7, 3, shapes)
    ahead = source._drawn[0]
    assert source.take(7, 3, shapes)[0] is ahead
    assert torch.equal(ahead, seeded_noise(7, 3, shapes, CPU)[0])
    source.prefetch(7, 3, shapes)
    for seed, frame, sizes in ((8, 3, shapes), (7, 6, shapes), (7, 3, [(2, 3), (1,)])):
        assert torch.equal(source.take(seed, frame, sizes)[0], seeded_noise(seed, frame, sizes, CPU)[0])
