"""Looks for texts that break sqlcheck, by mutating queries, project files, payloads, schemas and data plans."""
