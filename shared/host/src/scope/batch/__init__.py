"""Films from files to files through a graph: one of them, or many on many machines."""
