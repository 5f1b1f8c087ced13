"""Animated type: text rasterised once (`lettering`), then laid out and moved on the device (`layouts`)."""
