"""What a phase lacks before it begins: asked of whoever keeps its logframe.

add_once(beginning.missing, missing_to_begin)  # results, in AppConfig.ready()
"""

from collections.abc import Callable

from handup.projects.models import Phase

missing: list[Callable[[Phase], list[str]]] = []
