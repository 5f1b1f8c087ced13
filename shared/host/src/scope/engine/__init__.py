"""The process that owns torch and the plugins, and what a light server needs to talk to it. Importing it loads no torch."""
