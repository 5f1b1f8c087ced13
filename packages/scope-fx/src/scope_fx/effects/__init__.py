"""The effects, one a module: pure functions of TCHW float32 in [0, 1]. At amount 0 each returns its very input."""
