"""The named models. A method is a file here (and its classifier's, where it is no network) and a line below."""

from model.training.recipes.cnn import Convolutional
from model.training.recipes.dense import Logistic, OneAgainstAll, TwoLayer
from model.training.recipes.lesson import TwoLayerSeed, Xor
from model.training.recipes.neighbours import DeslantedNearest, KNearest, ProjectedNearest
from model.training.recipes.recipe import Recipe

_ALL: tuple[Recipe, ...] = (
    Xor(),
    Logistic(),
    OneAgainstAll(),
    KNearest(),
    DeslantedNearest(),
    ProjectedNearest(),
    TwoLayerSeed(),
    TwoLayer(),
    Convolutional(),
)
RECIPES = {recipe.name: recipe for recipe in _ALL}
