"""The validation cases, one module a topic; importing this registers them all."""
