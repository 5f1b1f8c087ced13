"""Sound waits for its picture and is as late as that one."""

import numpy as np
import pytest

from scope.engine.held_sound import Block, HeldSound

STEP = 0.04


def block(index: int) -> Block:
    return Block(np.zeros((2, 1920), np.float32), index * STEP, index * STEP)


def heard(sound: HeldSound) -> list[float]:
    return [at for _, at in sound.released()]


def test_a_block_is_held_until_its_picture_is_shown():
    sound = HeldSound()
    sound.hold(block(0))
    sound.hold(block(1))
    assert heard(sound) == []
    sound.shown(0.0, 0.2)
    assert heard(sound) == pytest.approx([0.2])
    sound.shown(STEP, STEP + 0.2)
    assert heard(sound) == pytest.approx([STEP + 0.2])


def test_the_sound_of_a_dropped_picture_follows_the_next_one_shown():
    sound = HeldSound()
    for index in range(3):
        sound.hold(block(index))
    sound.shown(2 * STEP, 2 * STEP + 0.3)
    assert heard(sound) == pytest.approx([index * STEP + 0.3 for index in range(3)])


def test_a_slow_first_call_does_not_make_the_sound_after_it_late():
    sound = HeldSound()
    for index, delay in enumerate([1.7, 1.7, 1.7, 1.7, 0.3, 0.3]):
        sound.hold(block(index))
        sound.shown(index * STEP, index * STEP + delay)
        assert heard(sound) == pytest.approx([index * STEP + delay])


def test_small_differences_between_pictures_make_no_seams():
    sound = HeldSound()
    for index in range(20):
        delay = 0.25 if index % 4 == 3 else 0.2
        sound.hold(block(index))
        sound.shown(index * STEP, index * STEP + delay)
        assert heard(sound) == pytest.approx([index * STEP + 0.2])
