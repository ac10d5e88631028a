"""A crop that is none of the built-in: a small TOML file to fruit that the simulator feeds and training learns from."""
