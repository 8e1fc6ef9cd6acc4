"""A process that prints beside a server: what typst keeps in memory, and what it might trip over, stays there."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self, TypeVar

from huiyin.papers import editable
from huiyin.papers.blocks import Paper
from huiyin.papers.fonts import Fonts
from huiyin.papers.press import Pressed, press

# typst keeps what it set last (some 30 MB for each file of 40 pages, about ten of them): a new process forgets it.
_PRINTS = 20
T = TypeVar("T")


class Printer:
    """`await asyncio.wrap_future(printer.pdf(papers))`: the loop goes on, one print at a time for each process.

    The first print of a process takes about a second, for Python to start and fonts to be looked for. Errors are those
    of `press`: Unprintable, NoFont; a process that died fails what it had and is replaced.
    """

    def __init__(self, folders: Iterable[Path] = (), *, processes: int = 1) -> None:
        self._folders = tuple(folders)
        self._processes = processes
        self._pool = self._opened()

    def pdf(self, papers: Sequence[Paper]) -> Future[Pressed]:
        return self._submit(_pdf, tuple(papers), self._folders)

    def docx(self, *papers: Paper) -> Future[bytes]:
        return self._submit(editable.docx, *papers)

    def _opened(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._processes, get_context("spawn"), max_tasks_per_child=_PRINTS)

    def _submit(self, work: Callable[..., T], *given: Any) -> Future[T]:
        try:
            return self._pool.submit(work, *given)
        except BrokenProcessPool:
            self._pool = self._opened()
            return self._pool.submit(work, *given)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


@cache
def _fonts(folders: tuple[Path, ...]) -> Fonts:
    return Fonts(folders)


def _pdf(papers: tuple[Paper, ...], folders: tuple[Path, ...]) -> Pressed:
    return press(papers, _fonts(folders))
