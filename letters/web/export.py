"""The queue as a file: what is on screen, all of it, for a spreadsheet."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from letters.domain.office import DEMO, is_demo
from letters.listing import Listing
from letters.models import Tasking
from letters.reports import queue_export
from letters.web.rows import item_url

KINDS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def queue_file(request: HttpRequest, kind: str) -> HttpResponse:
    """`/queue.csv` and `/queue.xlsx`, with the queue's own filters and order."""
    if kind not in KINDS:
        raise Http404(f"The queue is no .{kind} file.")
    listing = Listing(request.GET, user=request.user)
    if not listing.is_valid:
        words = " ".join(problem.message for problem in listing.filterset.problems())
        return HttpResponse(
            f"This filter does not work. {words}\n", status=400, content_type="text/plain; charset=utf-8"
        )
    base = request.build_absolute_uri("/").rstrip("/")

    def page_url(tasking: Tasking) -> str:
        return base + item_url(tasking.pk)

    rows = listing.for_export().order_by(*listing.order.by()).iterator(chunk_size=queue_export.PART)
    cells = queue_export.parts(rows, today=listing.today, page_url=page_url)
    demo = "-demo" if is_demo() else ""  # its rows are data: the name and the workbook’s title say it
    name = f"queue-{listing.today.isoformat()}{demo}.{kind}"
    if kind == "csv":
        response = StreamingHttpResponse(queue_export.as_csv(cells), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    what = "Items, open and closed" if listing.has_closed else "Open items"
    file = queue_export.as_xlsx(cells, title=f"{f'{DEMO} ' if demo else ''}{what}, {base}{reverse('queue')}", name=what)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
