"""Which parameters of an address a page looks at: of those it does not, no value can make it fail."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

looked: Counter[str] = Counter()


class Looking(QueryDict):
    """Notes each name that is looked up; who goes through all of them has looked at all."""

    def __getitem__(self, name: str) -> Any:
        looked[name] += 1
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        looked[str(name)] += 1
        return super().__contains__(name)

    def _getlist(self, name: str, default: Any = None, force_list: bool = False) -> Any:
        looked[name] += 1
        return super()._getlist(name, default, force_list)

    def __iter__(self) -> Iterator[str]:
        looked.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        looked.update(super().keys())
        return super().keys()

    def lists(self) -> Any:
        looked.update(super().keys())
        return super().lists()

    def items(self) -> Any:
        looked.update(super().keys())
        return super().items()

    def values(self) -> Any:
        looked.update(super().keys())
        return super().values()

    def __copy__(self) -> QueryDict:
        looked.update(super().keys())
        return super().__copy__()

    def __deepcopy__(self, memo: dict) -> QueryDict:
        looked.update(super().keys())
        return super().__deepcopy__(memo)


class LooksMiddleware:
    """The innermost: what those before it look at is the same on every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.GET = Looking(request.META.get("QUERY_STRING", ""), encoding=request.encoding)  # type: ignore[misc]
        looked.clear()  # making it looks, too
        return self.get_response(request)
