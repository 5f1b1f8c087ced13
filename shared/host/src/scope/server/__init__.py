"""The web server of the live host: page, API and sockets. It imports no torch; PROTOCOL.md has every message."""
