"""Is what will be sent well-formed? Project files and bodies as the API takes them."""
