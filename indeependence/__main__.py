"""``python -m indeependence``: the command line."""

from indeependence.commands import main

if __name__ == "__main__":
    main()
