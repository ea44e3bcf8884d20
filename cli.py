"""The command line: ``python cli.py COMMAND``; the same as ``indeependence COMMAND`` once installed."""

from indeependence.commands import main

if __name__ == "__main__":
    main()
