"""The kinds of classifier by their names in artifacts. A new method needs a file and a name here."""

from model.classifiers.classifier import Classifier
from model.classifiers.committee import Committee
from model.classifiers.neighbours import NearestNeighbours
from model.engine.network import Network

CLASSIFIERS: dict[str, type[Classifier]] = {made.kind: made for made in (Network, Committee, NearestNeighbours)}
