"""Installing plugins so that nothing can break the show: generations beside the host's environment, never in it."""
