import numpy as np
import pytest
import torch

from scope.media import contact_sheet


def flat(color: tuple[float, ...], size: tuple[int, int] = (160, 90)) -> torch.Tensor:
    return torch.tensor(color).expand(size[1], size[0], 3)


RED, GREEN, BLUE = flat((1.0, 0.0, 0.0)), flat((0, 255, 0)).to(torch.uint8), flat((0.0, 0.0, 1.0))


def shares(sheet) -> dict[str, int]:
    """How many pixels of the sheet are exactly red, green, blue."""
    pixels = np.asarray(sheet)
    colors = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
    return {name: int((pixels == color).all(-1).sum()) for name, color in colors.items()}


def test_every_tile_is_shown_at_the_width_asked_for():
    sheet = contact_sheet([("red", RED), ("green", GREEN), ("blue", BLUE)], columns=2, tile_width=320)
    for share in shares(sheet).values():
        assert 0.99 * 320 * 180 < share <= 320 * 180


def test_tiles_go_row_by_row():
    sheet = contact_sheet([("red", RED), ("green", GREEN), ("blue", BLUE)], columns=2, tile_width=320)
    middle = (sheet.width // 4, sheet.height // 4)
    assert sheet.getpixel(middle) == (255, 0, 0)
    assert sheet.getpixel((middle[0] * 3, middle[1])) == (0, 255, 0)
    assert sheet.getpixel((middle[0], middle[1] * 3 - 20)) == (0, 0, 255)


def test_margins_are_even_and_dark():
    pixels = np.asarray(contact_sheet([("red", RED), ("green", GREEN)], columns=2, tile_width=320)).astype(int)
    row = pixels[100]
    colored = np.flatnonzero(row.max(-1) > 200)
    gaps = [colored[0], np.diff(colored).max() - 1, len(row) - 1 - colored[-1]]
    assert gaps == [16, 16, 16]
    assert row[: colored[0]].max() < 40


def label_pixels(label: str) -> np.ndarray:
    """The strip below the only tile, bright where there is type."""
    sheet = np.asarray(contact_sheet([(label, RED)], columns=1, tile_width=320).convert("L"))
    return sheet[16 + 180 :] > 120


def test_a_label_is_drawn_below_its_tile_within_its_width():
    assert not label_pixels("").any()
    assert label_pixels("bloom").any()
    long = label_pixels("an effect with a name that no tile is wide enough for, by far")
    assert long.any()
    assert not long[:, 16 + 320 :].any()


def test_a_picture_of_another_shape_is_shown_whole():
    portrait = flat((0.0, 0.0, 1.0), (45, 90))
    sheet = contact_sheet([("red", RED), ("portrait", portrait)], columns=2, tile_width=320)
    assert shares(sheet)["blue"] == pytest.approx(90 * 180, rel=0.02)


def test_there_are_no_more_columns_than_tiles():
    sheet = contact_sheet([("red", RED)], columns=8, tile_width=320)
    assert sheet.width == 320 + 2 * 16


@pytest.mark.parametrize(
    ("tiles", "columns", "width"), [([], 2, 320), ([("red", RED)], 0, 320), ([("red", RED)], 2, 0)]
)
def test_an_impossible_sheet_is_refused(tiles, columns, width):
    with pytest.raises(ValueError, match="expected tiles, columns and a width"):
        contact_sheet(tiles, columns, width)
