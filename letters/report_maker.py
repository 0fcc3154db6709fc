"""One round of the reports: ask for the week's list where its moment has come, make what waits, forget what is old.

A report is taken by compare-and-set, and each part of it pushes the claim forward: whoever dies over one leaves it to
be begun anew when the claim ends. Who makes it is known by attempt and start: cancelled or taken from them, they stop
at the next part, and write nothing. Its files, the letters it names and the mails about it come with “made” in one
transaction.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from letters.domain import headlines, tallies, worklists
from letters.domain.deadlines import count
from letters.domain.history import acting
from letters.domain.office import DEMO, is_demo
from letters.domain.office_hours import at, latest
from letters.domain.reporting import IS_OVER, is_over, is_week_over, the_schedule, week_key
from letters.domain.snapshot import in_parts, one_moment
from letters.domain.words import office_time
from letters.enums import ReportState, Stream, SystemProcess
from letters.errors import RecordError
from letters.filters import LED
from letters.listing import GROUP, Listing
from letters.models import Heartbeat, Report, ReportFile, ReportLetter
from letters.reminders.faults import reached
from letters.reminders.outbox import today_of, zone
from letters.report_mail import tell_failed, tell_made
from letters.reports import open_items, queue_export
from letters.reports.open_items import Cover, Printed
from letters.reports.open_items_files import Files
from letters.reports.open_items_pdf import MOST_LINES, as_pdf

BY = SystemProcess.REPORTS
HEARTBEAT = "reports"
LEASE = dt.timedelta(minutes=2)  # far longer than a part takes
MOST_ATTEMPTS = 3
ROUND = dt.timedelta(seconds=45)  # then the next round goes on
PART = queue_export.PART
MOST = 25_000  # items of one report: its workbook is held in memory while it is written, 12 KB an item
KEPT_WEEKLY, KEPT_OWN = dt.timedelta(days=366), dt.timedelta(days=30)
log = logging.getLogger(__name__)


class Stopped(Exception):
    """It was cancelled, or somebody else makes it."""


@dataclass
class Round:
    """What one round did."""

    asked: int = 0
    made: int = 0
    failed: int = 0
    stopped: int = 0
    forgotten: int = 0

    def words(self) -> str:
        """One line for the log."""
        return (
            f"{count(self.made, 'report')} made, {self.failed} failed, {self.stopped} stopped; "
            f"{self.asked} asked for by the schedule, {self.forgotten} forgotten"
        )


def make_reports(*, now: dt.datetime | None = None) -> Round:
    """Ask, forget, make. `now` stands for the clock throughout (tests)."""
    done, started_at = Round(), timezone.now()
    with acting(BY):
        done.asked = ask_for_week(now or timezone.now())
        done.forgotten = forget_old(now or timezone.now())
        _beat(started_at, done)  # a long report does not make the round late
        while timezone.now() - started_at < ROUND and (report := take(now or timezone.now())):
            _make(report, done, now)
        _beat(started_at, done)
    return done


def _beat(started_at: dt.datetime, done: Round) -> None:
    facts = {"started_at": started_at, "finished_at": timezone.now(), "detail": vars(done)}
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults=facts)


def ask_for_week(now: dt.datetime) -> int:
    """The office's list of the week whose moment came last, once, while that week lasts; how many were asked for."""
    schedule = the_schedule(by=BY, now=now)
    day = latest(schedule.weekday, schedule.hour, now, zone())
    if not schedule.is_on or at(day, schedule.hour, zone()) < schedule.since or is_week_over(day, today_of(now)):
        return 0
    _, is_new = Report.objects.get_or_create(key=week_key(day), defaults={"day": day, "asked_at": now})
    return int(is_new)


def forget_old(now: dt.datetime) -> int:
    """Delete reports older than a year, people's own after a month; how many."""
    old = Report.objects.exclude(state=ReportState.RUNNING).filter(asked_at__lt=now - KEPT_OWN)
    gone = old.filter(owner__isnull=False) | old.filter(asked_at__lt=now - KEPT_WEEKLY)
    return gone.delete()[1].get("letters.Report", 0)


def take(now: dt.datetime) -> Report | None:
    """What has waited longest, claimed; None when nothing waits. What killed its maker again and again is given up, and the
    office's list of a week that went by meanwhile."""
    while seen := Report.objects.waiting(now).first():
        same = Report.objects.filter(
            pk=seen.pk, state=seen.state, attempts=seen.attempts, claimed_until=seen.claimed_until
        )
        if seen.attempts >= MOST_ATTEMPTS:
            _give_up(
                seen, same, now, f"Whoever made it died over it {count(MOST_ATTEMPTS, 'time')}. See log/worker.log."
            )
            continue
        if is_over(seen, today_of(now)):
            _give_up(seen, same, now, f"Its week {IS_OVER}")
            continue
        facts = {"state": ReportState.RUNNING, "attempts": seen.attempts + 1, "started_at": now}
        if same.update(**facts, claimed_until=now + LEASE, rows_done=0, rows_total=None, error=""):
            reached("report.claimed")
            return Report.objects.select_related("owner").get(pk=seen.pk)
    return None


def _make(report: Report, done: Round, now: dt.datetime | None) -> None:
    mine = Report.objects.filter(
        pk=report.pk, state=ReportState.RUNNING, attempts=report.attempts, started_at=report.started_at
    )
    try:
        _Making(report, mine, now).run()
        done.made += 1
    except Stopped:
        done.stopped += 1
    except RecordError as error:
        done.failed += 1
        _give_up(report, mine, now or timezone.now(), str(error))
    except Exception as error:  # whatever it is: this one says why, and the others are made
        log.exception("The report %s was not made.", report.key)
        done.failed += 1
        said = str(error).strip().splitlines() or [""]
        why = f"Something went wrong ({type(error).__name__}: {said[0][:300]}). See log/worker.log."
        _give_up(report, mine, now or timezone.now(), why)
    reached("report.done")


@transaction.atomic
def _give_up(report: Report, same: QuerySet, now: dt.datetime, why: str) -> None:
    if same.update(state=ReportState.FAILED, error=why[:500], claimed_until=None, finished_at=now):
        tell_failed(report, why, now)


class _Making:
    """One attempt at one report."""

    def __init__(self, report: Report, mine: QuerySet, now: dt.datetime | None):
        self.report, self.mine, self._now = report, mine, now
        self.letters: set = set()
        self.lines: list[open_items.Line] = []

    def now(self) -> dt.datetime:
        return self._now or timezone.now()

    def run(self) -> None:
        listing = self._listing()
        as_of = self.now()
        # which items, in which order, and every number: of one moment; what each says is read in parts after it
        with one_moment(Stream.OFFICE):
            found = listing.keyed(listing.found)
            keys = list(found.order_by(*listing.order.by()).values_list("pk", flat=True)[: MOST + 1])
            if len(keys) > MOST:
                raise RecordError.of("query", f"The list has more than {MOST:,} items. {self._way_out()}")
            cover = self._cover(listing, as_of, len(keys))
            self.letters = self._counted(listing)
        self._progress(0, len(keys))
        files = Files(cover)
        for part in in_parts(keys, PART):
            self._add(listing, part, files)
            self._progress(files.rows, len(keys))
            reached("report.part")
        more = open_items.left_to_the_workbook(len(self.lines), files.rows)
        pdf = as_pdf(Printed(cover, self.lines, more))
        self._keep({"pdf": pdf, **files.close()}, cover, as_of)

    def _way_out(self) -> str:
        if self.report.owner:
            return "Add a filter, then ask again."
        # the office's has no filter: tried again it would fail again
        return "Trying again will not help: filter the queue, as by agency, and use “Make a report of this list” there."

    def _listing(self) -> Listing:
        owner = self.report.owner
        if owner and not owner.is_active:
            raise RecordError.of("owner", f"{owner} can no longer sign in.")
        listing = Listing(QueryDict(self.report.query), user=owner, today=today_of(self.now()))
        if not listing.is_valid:
            wrong = " ".join(problem.message for problem in listing.filterset.problems())
            raise RecordError.of("query", f"A filter of this list does not work any more. {wrong}")
        return listing

    def _cover(self, listing: Listing, as_of: dt.datetime, total: int) -> Cover:
        found, today = listing.found, listing.today
        counts = worklists.headline(listing.filterset.without("ours"), today, within=listing.within)
        # of a list with co-signed letters in it they are among its items, and no more
        sentence = headlines.sentence(counts, of_ours=listing.ours == LED)
        if listing.has_closed:
            sentence = f"{count(total, 'item')}, {counts.open:,} of them open."
        owner = self.report.owner
        notes = [open_items.OWN.format(person=owner) if owner else open_items.OFFICE_WIDE]
        if is_demo():
            notes.insert(0, DEMO)
        if self.report.about:
            notes.append(f"Only: {self.report.about}.")
        return Cover(
            title=("Items" if listing.has_closed else "Open items")
            if owner
            else open_items.title_of_week(self.report.day),
            as_of=f"As of {office_time(as_of)}",
            headline=sentence,
            notes=notes,
            agencies=open_items.by_agency(tallies.tables(found, today, ["agency"])["agency"], counts.late),
            total=total,
            words=count(total, "item" if listing.has_closed else "open item"),
            has_closed=listing.has_closed,
        )

    def _counted(self, listing: Listing) -> set:
        """The letters behind every number of it, those only co-signed, too, which its sentence counts and no line names."""
        counted = [listing.found]
        if listing.ours == LED and not listing.has_closed:
            counted.append(listing.filterset.without("ours").open())
        return {
            key for found in counted for key in found.order_by().values_list("ask__letter_id", flat=True).distinct()
        }

    def _add(self, listing: Listing, keys: list, files: Files) -> None:
        rows = {tasking.pk: tasking for tasking in listing.again(keys)}
        part = [rows[key] for key in keys if key in rows]
        for cells in queue_export.parts(part, today=listing.today, page_url=page_url):
            files.add(cells)
        heading = listing.group.heading if listing.group and listing.params.get(GROUP) != "none" else None
        for tasking in part[: MOST_LINES - len(self.lines)]:
            self.lines.append(open_items.line(tasking, listing.today, heading(tasking) if heading else ""))

    def _progress(self, rows: int, total: int) -> None:
        """Say how far it is, keep the claim, and stop where it is no longer ours."""
        if not self.mine.update(rows_done=rows, rows_total=total, claimed_until=self.now() + LEASE):
            raise Stopped

    @transaction.atomic
    def _keep(self, files: dict[str, bytes], cover: Cover, as_of: dt.datetime) -> None:
        made = {"state": ReportState.DONE, "as_of": as_of, "headline": cover.headline, "finished_at": self.now()}
        if not self.mine.update(**made, claimed_until=None):
            raise Stopped
        report = self.report
        report.files.all().delete()
        report.letters.all().delete()
        ReportFile.objects.bulk_create(
            [ReportFile(report=report, kind=kind, data=data, size=len(data)) for kind, data in files.items()]
        )
        ReportLetter.objects.bulk_create([ReportLetter(report=report, letter_id=pk) for pk in sorted(self.letters)])
        tell_made(report, cover, self.now())
        reached("report.kept")


def page_url(tasking) -> str:
    """Where an item is read."""
    return f"{settings.SITE_ADDRESS}/items/{tasking.pk}/"
