"""The built-in fruit: what paints them (`python -m sim.atlas --seed N`), and the files that it wrote."""
