"""The causal transformer, its VACE branch and its cache."""
