"""Numbers on the command line: none that is not finite gets past any option."""

import click
import pytest

from indeependence.commands import cli
from indeependence.commands.shared.types import Finite, Penalty


def commands(group, *path):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


OPTIONS = [
    pytest.param(parameter, id=f"{name} {parameter.opts[0]}")
    for name, command in commands(cli)
    for parameter in command.params
    if isinstance(parameter.type, click.types.FloatParamType | Penalty)
]


@pytest.mark.parametrize("parameter", OPTIONS)
def test_every_option_that_is_a_number_refuses_what_is_not_finite(parameter):
    for value in ("nan", "inf", "-inf", "NaN", "1e400", ""):
        with pytest.raises(click.BadParameter):
            parameter.type.convert(value, parameter, None)


def test_options_that_are_numbers_are_found():
    assert len(OPTIONS) > 15 and any(isinstance(one.values[0].type, Finite) for one in OPTIONS)
