import pytest

from edge.errors import UsageFault
from training import photographs
from training.ablation import KINDS, Variant, variants
from training.recipe import Recipe, load_recipe
from training.sources import BUILTIN, gather


@pytest.fixture(scope="module")
def base() -> Recipe:
    return load_recipe("ablation")[0]


def sections(variant: Recipe, base: Recipe) -> set[str]:
    one, other = variant.model_dump(), base.model_dump()
    return {name for name in one if one[name] != other[name]}


def test_each_run_changes_one_factor_of_the_base(base: Recipe) -> None:
    first, *others = variants(base, load_recipe("student")[0])
    assert first.of(base) == base
    changed = {one.name: sections(one.of(base), base) for one in others}
    assert changed == {
        "real only": {"data"},
        "rendered only": {"data"},
        "from scratch": {"network", "training"},
        "one softmax": {"network"},
    }


def test_from_scratch_is_shown_as_many_looks_as_the_base(base: Recipe) -> None:
    [scratch] = [one.of(base) for one in variants(base, load_recipe("student")[0]) if one.name == "from scratch"]
    assert not scratch.network.pretrained
    assert scratch.training.epochs == base.training.epochs + base.training.tuned_epochs
    assert (scratch.training.looks, scratch.training.tuned_epochs) == (base.training.looks, 0)


def test_the_kinds_left_out_are_kinds_of_the_photographs() -> None:
    shop = {photographs.kind_of(f"{name}/{name}_001") for name in photographs._PRODUCE}
    assert set(KINDS) - {"apple", "cherry"} < shop
    assert photographs.kind_of("Apple_Golden_2") == "apple" and photographs.kind_of("Cherry_Rainier_2") == "cherry"


def test_a_recipe_that_learns_from_nothing_is_refused(base: Recipe) -> None:
    with pytest.raises(ValueError, match="nothing to learn from"):
        Variant("nothing", {"data": {"rendered": False, "photographs": "none"}}).of(base)


def test_a_recipe_of_photographs_alone_asks_for_them(base: Recipe) -> None:
    plan = Variant("real only", {"data": {"rendered": False}}).of(base)
    with pytest.raises(UsageFault, match="give their folder to --data"):
        gather(plan, BUILTIN)
