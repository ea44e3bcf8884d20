"""The one exception of our own: input that a user can mend."""


class InputError(ValueError):
    """Bad input, told in one line: what was expected, what came and what to try.

    The command line prints it without a traceback and exits with 1; from Python it is a ``ValueError``.

    What stands in it may come from a file, so what is not printable, as a line break or a terminal's escape, is
    replaced.

    >>> print(InputError("no column called 'a\\nb'"))
    no column called 'a b'
    """

    def __init__(self, message: str):
        super().__init__("".join(character if character.isprintable() else " " for character in message))
