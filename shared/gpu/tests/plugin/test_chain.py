"""A chain: order, what is kept and what is forgotten, and effects that are never compiled again."""

from typing import NamedTuple

import pytest
import torch
from pydantic import BaseModel, ValidationError
from torch._dynamo.testing import CompileCounter

from scope_gpu.image.bands import ROWS
from scope_gpu.plugin.chain import Chain, run_effect
from scope_gpu.plugin.clock import FRAME_INTERVAL, Moment
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Effect


class DimFields(BaseModel):
    dim: float = unit_slider("Dim", "How much darker")


class Numbers(NamedTuple):
    factor: float | torch.Tensor


class Dim(Effect):
    fields = DimFields
    pointwise = True

    def numbers(self, p, context):
        return Numbers(1.0 - p.dim)

    def apply(self, frame, n, plan, memory):
        return frame * n.factor


class LiftFields(BaseModel):
    lift: float = unit_slider("Lift", "How much lighter")
    lift_half: int = slider("Half", "Which half", 0, 0, 9)


class Lift(Effect):
    """Notes what it makes."""

    fields = LiftFields
    pointwise = True

    def __init__(self):
        self.made = []

    def variant(self, p, context):
        return p.lift_half

    def maps(self, size, device, variant):
        self.made.append(variant)
        return torch.ones(size, device=device)

    def numbers(self, p, context):
        return Numbers(p.lift)

    def plan(self, n, maps):
        self.made.append("plan")
        return maps * n.factor

    def apply(self, frame, n, plan, memory):
        return frame + plan


class EchoFields(BaseModel):
    echo: float = unit_slider("Echo", "Show the frame before")


class Echo(Effect):
    fields = EchoFields

    def apply(self, frame, n, plan, memory):
        before = memory.get("last", torch.zeros_like(frame))
        memory["last"] = frame.clone()
        return before


class MeanFields(BaseModel):
    mean: float = unit_slider("Mean", "Towards the mean of the picture")


class Mean(Effect):
    """Looks at the whole, and gives back bands; notes how high the frames are that it is given."""

    fields = MeanFields
    pointwise = True
    looks = True
    takes_bytes = True

    def __init__(self):
        self.heights = []

    def numbers(self, p, context):
        return Numbers(p.mean)

    def look(self, frame, n, plan, memory):
        self.heights.append(frame.shape[-2])
        return frame.mean((-2, -1), keepdim=True)

    def apply(self, frame, n, plan, memory):
        self.heights.append(frame.shape[-2])
        return torch.lerp(frame, plan, n.factor)


class TimeFields(BaseModel):
    time: float = unit_slider("Time", "Show what is known of the frame")


class Time(Effect):
    """Notes the contexts of its frames."""

    fields = TimeFields

    def __init__(self):
        self.seen = []

    def numbers(self, p, context):
        self.seen.append(context)
        return ()

    def apply(self, frame, n, plan, memory):
        return frame


class All(DimFields, LiftFields, EchoFields, MeanFields, TimeFields):
    pass


def frame(value=0.5, count=1, size=(4, 6)):
    return torch.full((count, 3, *size), value)


def test_effects_are_applied_in_the_order_of_the_list():
    p = All(dim=0.5, lift=0.25)
    assert Chain([Dim(), Lift()], "cpu")(frame(), p).unique().item() == 0.5
    assert Chain([Lift(), Dim()], "cpu")(frame(), p).unique().item() == 0.375


def test_without_an_effect_the_frames_themselves_come_back():
    frames, chain = frame(), Chain([Dim(), Lift()], "cpu")
    assert chain(frames, All()) is frames
    assert not chain.is_on(All())
    assert chain.is_on(All(dim=0.1))


def test_bands_change_nothing():
    tall = torch.rand(1, 3, 3 * ROWS + 1, 5)
    p = All(dim=0.3, lift=0.1)
    whole = tall * (1.0 - 0.3) + torch.ones(3 * ROWS + 1, 5) * 0.1
    assert torch.equal(Chain([Dim(), Lift()], "cpu")(tall, p), whole)


def test_an_effect_that_looks_sees_what_those_before_it_made_of_the_whole_picture():
    mean = Mean()
    tall = torch.rand(1, 3, ROWS + 8, 5)
    out = Chain([Dim(), mean, Lift()], "cpu")(tall.clone(), All(dim=0.3, mean=1.0, lift=0.1))
    torch.testing.assert_close(out, ((tall * 0.7).mean((-2, -1), keepdim=True) + 0.1).expand_as(tall))
    assert mean.heights == [ROWS + 8, ROWS, 8]


def test_maps_are_made_once_a_size_and_variant_and_plans_when_a_number_moves():
    lift = Lift()
    chain = Chain([lift], "cpu")
    for values in ({"lift": 0.1}, {"lift": 0.1}, {"lift": 0.2}, {"lift": 0.2, "lift_half": 1}, {"lift": 0.2}):
        chain(frame(), All(**values))
    assert lift.made == [0, "plan", "plan", 1, "plan", "plan"]
    chain(frame(size=(2, 2)), All(lift=0.2))
    assert lift.made[6:] == [0, "plan"]


class Jitter(Lift):
    """Adds what its numbers say, and has a plan that does not."""

    apply_only = frozenset({"factor"})

    def numbers(self, p, context):
        return Numbers(float(context.index))

    def plan(self, n, maps):
        self.made.append("plan")
        return maps


def test_a_plan_outlives_numbers_that_it_does_not_read():
    jitter = Jitter()
    Chain([jitter], "cpu")(frame(count=4), All(lift=0.1))
    assert jitter.made == [0, "plan"]


def test_maps_of_variants_that_are_long_unused_are_dropped():
    lift = Lift()
    chain = Chain([lift], "cpu")
    for half in (0, 1, 2, 3, 0, 4, 0, 1):
        chain(frame(), All(lift=0.1, lift_half=half))
    assert [made for made in lift.made if made != "plan"] == [0, 1, 2, 3, 4, 1]


def echoed(chain, value, echo=1.0, size=(4, 6)):
    return chain(frame(value, size=size), All(echo=echo)).unique().item()


def test_memory_lasts_from_frame_to_frame_and_call_to_call():
    chain = Chain([Echo()], "cpu")
    pair = torch.cat([frame(0.1), frame(0.2)])
    assert chain(pair, All(echo=1.0))[:, 0, 0, 0].tolist() == pytest.approx([0.0, 0.1])
    assert echoed(chain, 0.3) == pytest.approx(0.2)


def test_memory_is_empty_after_a_reset_a_new_size_and_while_off():
    chain = Chain([Echo()], "cpu")
    assert [echoed(chain, 0.1), echoed(chain, 0.2)] == pytest.approx([0.0, 0.1])
    chain.reset()
    assert [echoed(chain, 0.3), echoed(chain, 0.4)] == pytest.approx([0.0, 0.3])
    assert echoed(chain, 0.5, size=(2, 2)) == 0.0
    assert echoed(chain, 0.6, echo=0.0, size=(2, 2)) == pytest.approx(0.6)
    assert echoed(chain, 0.7, size=(2, 2)) == 0.0


def test_frames_of_one_call_follow_each_other_in_time():
    time = Time()
    Chain([time], "cpu")(frame(count=3), All(time=1.0), Moment(2.0, 10), seed=7)
    assert [(c.index, c.seed, c.height, c.width) for c in time.seen] == [(10 + i, 7, 4, 6) for i in range(3)]
    assert [c.seconds for c in time.seen] == pytest.approx([2.0 + i * FRAME_INTERVAL for i in range(3)])


def test_one_effect_alone_leaves_its_input_as_it_is():
    frames = frame()
    run_effect(Dim(), frames, dim=0.5)
    assert torch.equal(frames, frame())


def test_one_effect_alone_takes_its_controls_by_name():
    assert run_effect(Dim(), frame(), dim=0.5).unique().item() == 0.25
    with pytest.raises(ValidationError, match="dim"):
        run_effect(Dim(), frame(), dim=2.0)


def test_a_compiled_effect_is_not_compiled_again_while_its_sliders_move():
    counter = CompileCounter()
    effect = Lift()
    compiled = torch.compile(
        lambda f, n, maps: effect.apply(f, n, maps * n.factor, {}), backend=counter, fullgraph=True
    )
    for value in range(12):
        compiled(frame(), Numbers(torch.tensor(value / 12)), torch.ones(4, 6))
    assert counter.frame_count == 1


class Invert(Effect):
    """Notes what it gets."""

    fields = DimFields
    pointwise = True
    takes_bytes = True

    def __init__(self):
        self.got = set()

    def apply(self, frame, n, plan, memory):
        self.got.add(frame.dtype)
        return 1.0 - frame

    def apply_bytes(self, host, into, n, plan):
        self.got.add(host.dtype)
        return into.copy_(1.0 - host / 255.0)


def host_frames(height=ROWS + 1):
    return torch.randint(0, 256, (2, height, 6, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


ORDERS = [
    [Dim],
    [Echo],
    [Mean],
    [Dim, Echo],
    [Echo, Dim],
    [Dim, Mean],
    [Mean, Dim],
    [Dim, Echo, Lift],
    [Echo, Dim, Echo],
    [Dim, Mean, Lift, Mean],
    [Mean, Lift, Echo],
]


@pytest.mark.parametrize("effects", ORDERS)
def test_from_bytes_to_a_hosts_floats_is_the_same_as_over_planes(effects):
    p, frames = All(dim=0.3, lift=0.2, echo=1.0, mean=0.4), host_frames()
    planes = frames.permute(0, 3, 1, 2).contiguous() / 255.0
    expected = Chain([effect() for effect in effects], "cpu")(planes, p).clamp(0.0, 1.0).permute(0, 2, 3, 1)
    chain = Chain([effect() for effect in effects], "cpu")
    assert torch.equal(chain.bytes_to_thwc(frames, p), expected)


def test_only_the_first_effect_gets_bytes():
    first, second, frames = Invert(), Invert(), host_frames()
    out = Chain([first, second], "cpu").bytes_to_thwc(frames, All(dim=1.0))
    assert (first.got, second.got) == ({torch.uint8}, {torch.float32})
    torch.testing.assert_close(out, frames / 255.0)
