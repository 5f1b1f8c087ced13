"""`scope new`: a plugin of every kind from templates, as a member of this workspace or as a repository of its own."""
