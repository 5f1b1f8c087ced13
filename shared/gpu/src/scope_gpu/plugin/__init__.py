"""What a pipeline is made of: frames, parameters, controls, prompts, time, base classes."""
