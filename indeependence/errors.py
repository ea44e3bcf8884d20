"""The one exception of our own: input that a user can mend."""


class InputError(ValueError):
    """Bad input, told in one line: what was expected, what came and what to try.

    The command line prints it without a traceback and exits with 1; from Python it is a ``ValueError``.
    """
