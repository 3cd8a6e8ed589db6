"""What a spec says is no workflow command."""

from mechverify.report.ci.commands import without_commands


def test_only_beginnings_of_commands_are_changed() -> None:
    assert without_commands("a::b\n  ::error::x\n##[error]x\n#[x]") == "a::b\n  \\x3a:error::x\n\\x23#[error]x\n#[x]"
