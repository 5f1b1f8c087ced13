"""From files to models: checkpoints, LoRAs, the text encoder."""
