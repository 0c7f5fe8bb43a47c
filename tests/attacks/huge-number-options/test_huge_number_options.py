"""Numbers of thousands of digits, of other scripts, and what only looks like a number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Built, Run, Site

PAGE = Path(__file__).parent / "docs" / "index.rst"
TABLE = "Top\n===\n\n.. statestore-table::\n   :columns: name, backend\n"
LONG = "9" * 5000


def said(built: Built) -> list[str]:
    """The words of the warnings, without their places and kinds."""
    return [re.sub(r" \[[\w.]+\]$", "", line.partition("WARNING: ")[2]) for line in built.warnings]


def test_a_width_of_thousands_of_digits(site: Site) -> None:
    """The page of the attack becomes a page with one short warning."""
    site.write("index.rst", PAGE.read_text(encoding="utf-8"))
    built = site.build()
    (warning,) = said(built)
    assert re.fullmatch(
        r"'widths' must be 'auto', or one whole number from 1 to 10,000 .*; found '9{60}\.\.\.'", warning
    )
    assert "store-auth-lock" in built.text("index.html")


@pytest.mark.parametrize("widths", [f"1 {LONG}", "1 10001", "0 1", "1 -1", "1 ²", "٣ 1", "1 1_0", "1 1e3", "1 nan"])
def test_widths_that_are_none(site: Site, widths: str) -> None:
    """What is no share of a width leaves a table as wide as its content, and is reported once."""
    site.write("index.rst", TABLE + f"   :widths: {widths}\n")
    built = site.build("latex")
    (warning,) = said(built)
    assert warning.startswith("'widths' must be 'auto', or one whole number from 1 to 10,000 for each column")
    site.write("index.rst", TABLE)
    assert built.text("projectnamenotset.tex") == site.build("latex").text("projectnamenotset.tex")


@pytest.mark.parametrize("builder", ["html", "latex", "text", "texinfo"])
def test_the_largest_widths(site: Site, builder: str) -> None:
    """The largest shares are given to every builder."""
    site.write("index.rst", TABLE + "   :widths: 10000, 1\n")
    built = site.build(builder)
    assert built.warnings == []
    if builder == "latex":
        assert r"\X{10000}{10001}" in built.text("projectnamenotset.tex")


@pytest.mark.parametrize("limit", [LONG, "-1", "²", "٣", "1_0", "many", "1000000001"])
def test_limits_that_are_none(site: Site, run: Run, limit: str) -> None:
    """A table without an understood limit shows all stores and says so; the command lists none."""
    site.write("index.rst", TABLE + f"   :limit: {limit}\n")
    built = site.build()
    (warning,) = said(built)
    assert warning.startswith("'limit' must be a whole number up to 1,000,000,000; found '")
    assert len(warning) < 150
    assert len(re.findall('<tr id="store-', built.text("index.html"))) == 5
    done = run("list", "schemas/state-stores.yaml", f"--limit={limit}", cwd=site.folder)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"statestores: {warning}\n")


@pytest.mark.parametrize("size", [LONG, "nan", "inf", "1e309", "-0", "0", "", "-1", "1_", "0x10"])
def test_size_limits_that_are_none(run: Run, size: str) -> None:
    """What is no size of a file is bad usage, told in a short line."""
    done = run("list", f"--size-limit={size}")
    last = done.stderr.decode().splitlines()[-1]
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(r"statestores list: error: argument --size-limit: '.{0,63}' is not a valid size in MiB", last)


#: Python does not even write such a number.
HUGE = 10**5000


@pytest.mark.parametrize("value", [HUGE, 10**400, float("nan"), float("inf"), -1], ids=lambda _: "")
@pytest.mark.parametrize("name", ["size_limit", "coverage_fail_under"])
def test_numbers_in_the_configuration(site: Site, name: str, value: float) -> None:
    """A number that cannot be used is reported in a short line, and the default is taken."""
    check_setting(site, name, value)


@pytest.mark.parametrize("value", [HUGE, [HUGE]], ids=["number", "list"])
@pytest.mark.parametrize("name", ["registry", "columns", "name_patterns", "unknown_literals"])
def test_numbers_where_there_should_be_none(site: Site, name: str, value: object) -> None:
    """A number in the place of something else is reported, though Python does not write it."""
    check_setting(site, name, value)


def check_setting(site: Site, name: str, value: object) -> None:
    """Build with a value that cannot be used."""
    site.write("index.rst", TABLE)
    settings: dict[str, Any] = {f"statestores_{name}": value}
    built = site.build(**settings)
    mine = [line for line in said(built) if line.startswith(f"statestores_{name}")]
    assert (len(mine), len(mine[0]) < 200, built.app.statuscode) == (1, True, 0)


def test_the_width_of_a_terminal(run: Run) -> None:
    """A ``COLUMNS`` of thousands of digits is no width."""
    for columns in (LONG, "10001", "-5", "²", "1_00"):
        assert run("list", "--help", env={"COLUMNS": columns}).stdout == run("list", "--help").stdout
