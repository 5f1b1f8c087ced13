"""How frames flow: source, preprocessors, main pipeline, postprocessors, sink. Knows nothing of HTTP or files."""
