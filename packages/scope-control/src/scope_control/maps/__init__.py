"""The maps, one a module: pure functions from frames TCHW [0, 1] to T1HW or T3HW [0, 1]."""
