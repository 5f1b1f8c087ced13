"""One endless film: requests, control, prompts and the state between chunks."""
