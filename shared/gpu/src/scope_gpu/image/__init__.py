"""Pure functions of tensors: colour, blur, noise, gradients, palettes, resampling."""
