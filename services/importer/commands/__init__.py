"""The commands that the importer brings to the `dosewire` command line."""

from services.importer.commands.extract import extract

__all__ = ["extract"]
