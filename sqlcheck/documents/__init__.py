"""YAML and JSON with the position of every value: project files, payloads, data plans."""
