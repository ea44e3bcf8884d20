"""Golden files: what version 0.1 wrote, and what was computed from it. They prove that a change changed nothing.

``files/`` holds one small file of each kind, and one for each kind of layer. They are never changed or replaced: files
of 0.1 load for ever. New ones may be added, by a recipe in ``recipes.py`` and ``python -m tests.golden.make``.

``pins.json`` holds what is computed from each file on fixed inputs: labels, probabilities, codes, fingerprints, what
the commands print. Whole numbers and text must be equal, numbers with a fraction to 1e-6, or more roughly where
`pins.ROUGH` says so. What starts from a file holds on every machine. What fits encoders anew, the recipes and the pins
of `pins.ON_ONE_MACHINE`, depends on how linear algebra rounds: it is skipped where that is not the one of `machine.py`.

A change that moves a pin says why in its commit: take the pin out of ``pins.json``, and run ``make`` again, which adds
what is missing and changes nothing else.

The tests reach the library by its public names and its command line. What else they need is in ``library.py`` alone.
"""
