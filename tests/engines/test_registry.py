"""The table of engines: none is missing, and each does what its role says."""

import importlib
import inspect
import pkgutil

import mechverify.engines
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Engine
from mechverify.engines.registry import ENGINES, Role, Share
from mechverify.engines.repair import RepairEngine
from mechverify.engines.resume import ResumeEngine


def engine_classes() -> set[type]:
    """Every class of the engines' package that has what an engine has."""
    found = set()
    for module in pkgutil.walk_packages(mechverify.engines.__path__, "mechverify.engines."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if inspect.isclass(value) and value is not Engine and {"suits", "solve"} <= set(dir(value)):
                assert name.endswith("Engine")
                found.add(value)
    return found


def test_every_engine_has_one_record() -> None:
    made = [record.make for record in ENGINES]
    assert len(set(made)) == len(made)
    assert engine_classes() == {*made, RepairEngine, ResumeEngine}


def test_names_are_unique() -> None:
    names = [record.name for record in ENGINES]
    assert len(set(names)) == len(names)
    assert all(record.make().name == record.name for record in ENGINES)


def test_one_engine_speaks_for_solvers_and_none_mends() -> None:
    roles = [record.role for record in ENGINES]
    assert roles.count(Role.ASKS_SOLVERS) == 1
    assert Role.MENDS not in roles


def test_an_engine_yields_to_one_of_the_table() -> None:
    turns = [turn for record in ENGINES for turn in (record.turn, record.again) if turn is not None]
    to = {turn.yields.to for turn in turns if turn.yields is not None}
    assert to
    assert to <= {record.make for record in ENGINES} - {BranchAndBoundEngine}


def test_a_share_is_never_less_than_the_least() -> None:
    assert [Share(3.0, 1 / 12).of(limit) for limit in (1.0, 36.0, 120.0)] == [3.0, 3.0, 10.0]
