"""The tests: a package with this name in the environment, as SAX brings one, is not meant."""
