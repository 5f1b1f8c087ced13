"""`scope bench host`: what the host costs, without a server and from glass to glass, and what it loses over time."""
