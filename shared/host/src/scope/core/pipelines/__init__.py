"""What a pipeline is: its class, its schema, its artifacts, and the registry that holds them."""
