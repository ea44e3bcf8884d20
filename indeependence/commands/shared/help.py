"""Pages of help that fit a screen, options in groups, and suggestions for misspelt words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

from indeependence.errors import did_you_mean, is_utf_8, shown

Function = TypeVar("Function", bound=Callable[..., Any])
PROGRAM = "python cli.py"
WIDTH = 100  # columns of a page, on a terminal that has them
ALL = "indeependence.help.all"
OTHER, LAST = "Options", "Messages"
RANGE = re.compile(r"\s*\[[\d.<=]*x[\d.<>=]*\]|; [\d.<=]*x[\d.<>=]*(?=\])")


class Option(click.Option):
    """An option under the heading of a ``section``; only --help-all shows a ``rare`` one."""

    def __init__(self, *names: Any, section: str = OTHER, rare: bool = False, **settings: Any):
        if isinstance(settings.get("type"), click.IntRange | click.FloatRange):
            settings.setdefault("metavar", "N" if isinstance(settings["type"], click.IntRange) else "NUMBER")
        super().__init__(*names, **settings)
        self.section, self.rare = section, rare

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return names and help, without the range of a number: an error message says it."""
        record = super().get_help_record(ctx)
        return None if record is None else (record[0], RANGE.sub("", record[1]))


def option(*names: str, **settings: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return names and settings of an option, as `click.option` takes them, for `section`."""
    return names, settings


def section(
    name: str, *options: tuple[tuple[str, ...], dict[str, Any]], rare: bool = False
) -> Callable[[Function], Function]:
    """Return a decorator that gives a command all ``options``, in this order, under one heading."""

    def with_options(function: Function) -> Function:
        for names, settings in reversed(options):
            function = click.option(*names, cls=Option, **{"section": name, "rare": rare, **settings})(function)
        return function

    return with_options


class Command(click.Command):
    """A command whose page of help groups its options and leaves the rare ones to --help-all."""

    def __init__(self, *arguments: Any, **settings: Any):
        super().__init__(*arguments, **settings)
        if any(_rare(parameter) for parameter in self.params):
            self.params.append(
                Option(
                    ["--help-all"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    callback=_show_all,
                    section=LAST,
                    help="Show all options, rare ones too, and exit.",
                )
            )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings, those without one last."""
        found: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None and (ctx.meta.get(ALL) or not _rare(parameter)):
                is_help = parameter is self.get_help_option(ctx)
                home = LAST if is_help else getattr(parameter, "section", OTHER)
                found.setdefault(home, []).append(record)
        for heading in sorted(found, key=lambda one: (one == LAST, one == OTHER)):
            with formatter.section(heading):
                formatter.write_dl(found[heading], col_max=26)


def command(**settings: Any) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a `Command` of a function."""
    return click.command(cls=Command, **settings)


class Group(click.Group):
    """Commands, with suggestions for misspelt names and values."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words; raise `UsageError` before any work if one is not UTF-8: no report or file could name it."""
        odd = next((word for word in args if not is_utf_8(word)), None)
        if odd is not None:
            ctx.fail(f"expected words in UTF-8, got {shown(odd)}: rename that file, or go to its folder and say .")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names; raise `UsageError` with a suggestion if there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            hint = did_you_mean(args[0], self.list_commands(ctx)) or f"; expected {', '.join(self.list_commands(ctx))}"
            ctx.fail(f"No such command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; the error for a value that is none of an option's choices suggests the nearest choice."""
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            kind = error.param.type if error.param is not None else None
            if isinstance(kind, click.Choice):
                hint = did_you_mean(_value_in(error.message), [str(choice) for choice in kind.choices])
                message = f"{error.message.rstrip('.')}{hint}."
                raise click.BadParameter(message, error.ctx, error.param) from None
            raise


def pages(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield the words that name each page of help below ``group``, and its command; a group before its commands."""
    for name, command in sorted(group.commands.items()):
        yield (*above, name), command
        if isinstance(command, click.Group):
            yield from pages(command, *above, name)


def page_text(
    group: click.Group, words: Sequence[str], *, program: str = "python cli.py", everything: bool = False
) -> str:
    """Return the page of help, `WIDTH` columns wide, of the command that ``words`` name; ``everything``: in full."""
    ctx = click.Context(group, info_name=PROGRAM, **group.context_settings, terminal_width=WIDTH)
    command: click.Command = group
    for word in words:
        command = command.commands[word] if isinstance(command, click.Group) else command
        ctx = click.Context(command, parent=ctx, info_name=word)
    ctx.meta[ALL] = everything
    return command.get_help(ctx)


def _value_in(message: str) -> str:
    return message.split("'")[1] if message.count("'") > 1 else ""


def _rare(parameter: click.Parameter) -> bool:
    return getattr(parameter, "rare", False)


def _show_all(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        ctx.meta[ALL] = True
        click.echo(ctx.get_help())
        ctx.exit()
