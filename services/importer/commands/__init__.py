"""The commands that the importer brings to the `dosewire` command line."""

from services.importer.commands.extract import extract
from services.importer.commands.import_ import import_

__all__ = ["extract", "import_"]
