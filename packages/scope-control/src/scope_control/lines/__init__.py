"""From pictures to lines: gradients, thin ridges of their strength, followed along their length, drawn in a chosen width."""
