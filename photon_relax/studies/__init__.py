"""Device-parameter studies: from a question to figures that answer it."""
