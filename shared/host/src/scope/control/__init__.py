"""What a show is, as a document: set-up, patches, undo, scenes and preset files. No torch, no HTTP."""
