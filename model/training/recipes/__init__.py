"""The named models. A method needs a file here, a line below and, unless it is a network, its classifier's file."""

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
