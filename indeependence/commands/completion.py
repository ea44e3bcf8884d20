"""``completion``: a script for the shell, so that the Tab key completes commands, options and names of data."""

from __future__ import annotations

import click

from indeependence.commands.shared.help import command

PROGRAM = "indeependence"
VARIABLE = "_INDEEPENDENCE_COMPLETE"


@command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script that lets the Tab key complete commands, options and files in SHELL.

    It works for the installed command indeependence, not for python cli.py.

    \b
    Examples, for good: add the line for your shell to its start-up file
      ~/.bashrc                   eval "$(indeependence completion bash)"
      ~/.zshrc                    eval "$(indeependence completion zsh)"
      ~/.config/fish/config.fish  indeependence completion fish | source
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}: update click")
    words = kind(ctx.find_root().command, {}, PROGRAM, VARIABLE)
    # Not words.source(): for bash it asks the system's bash for its version, and the user may run another one.
    click.echo(words.source_template % words.source_vars())
