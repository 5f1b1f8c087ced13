"""`scope bench plugins`: what the pipelines of this repository cost, in copies of a frame."""
