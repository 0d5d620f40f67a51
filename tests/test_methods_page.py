"""The page of methods is what the docstrings say, and every rule of the model states its equation."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.scripts import script

ROOT = Path(__file__).resolve().parents[1]
TOOL = script("tools/methods_page.py")
MODEL = ast.parse((ROOT / "src" / "cellroad" / "plan" / "model.py").read_text(encoding="utf-8"))


def test_the_page_of_methods_is_up_to_date() -> None:
    assert TOOL.PAGE.read_text(encoding="utf-8") == TOOL.page(), "run: python tools/methods_page.py"


def test_every_function_that_is_given_the_builder_is_a_block_of_the_page() -> None:
    given = [n.name for n in MODEL.body if isinstance(n, ast.FunctionDef) and [a.arg for a in n.args.args][:1] == ["m"]]
    assert sorted(TOOL.blocks(MODEL)) == sorted(given)


def test_the_blocks_stand_in_the_order_in_which_the_model_is_built() -> None:
    build = next(n for n in MODEL.body if isinstance(n, ast.FunctionDef) and n.name == "build")
    source = ast.unparse(build)
    places = [found.start() for b in TOOL.blocks(MODEL) for found in re.finditer(rf"(?<![\w.]){b}\(m,", source)]
    assert places == sorted(places)


@pytest.mark.parametrize("block", TOOL.blocks(MODEL))
def test_every_rule_of_the_model_states_its_equation(block: str) -> None:
    section = TOOL.page().split(f"\n#### {block}\n")[1].split("\n#### ")[0]
    equations = re.findall(r"```text\n(.*?)```", section, re.S)
    assert equations, "set the equation off by an indent"
    assert re.search(r"<=|=|value ", equations[0])


@pytest.mark.parametrize("block", TOOL.blocks(MODEL))
def test_the_equation_of_a_rule_names_the_columns_that_it_joins(block: str) -> None:
    function = next(n for n in MODEL.body if isinstance(n, ast.FunctionDef) and n.name == block)
    taken = {a.arg for a in function.args.args} & {"buy", "make", "ship", "hold", "sell", "short", "start", "order"}
    stated = ast.get_docstring(function) or ""
    assert [column for column in sorted(taken) if f"{column}[" not in stated] == []


def test_a_line_of_names_and_an_indented_line_become_code_and_nothing_else_does() -> None:
    shown = TOOL.markdown("Say it.\n\n    a = b\n\nname   what it is\n\nPlain words.")
    assert shown == "Say it.\n\n```text\na = b\n```\n\n```text\nname   what it is\n```\n\nPlain words."
