"""Addresses people can guess. Every page asks who you are, unless it is named here as open."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from letters.web import (
    agencies,
    amend,
    changes,
    contact,
    dashboard,
    documents,
    export,
    feeds,
    files,
    follow_up,
    gallery,
    inbox,
    item,
    item_actions,
    keys,
    legislators,
    letter,
    letter_access,
    letter_desk,
    log_letter,
    mail,
    people,
    public,
    queue,
    reminders,
    repeats,
    reply,
    reply_page,
    reply_records,
    rights,
    search,
    sessions,
    signatory,
    staff,
    suggest,
    take_back,
    targets,
    views,
)


def page(route: str, view, name: str):
    """A page to read."""
    return path(route, login_required(require_safe(view)), name=name)


def form(route: str, view, name: str, **given):
    """A page to read and to send."""
    return path(route, login_required(require_http_methods(["GET", "HEAD", "POST"])(view)), given, name=name)


SUGGESTED = ("legislators", "agencies", "officials", "targets")


def send(route: str, view, name: str):
    """Something to send, with no page of its own."""
    return path(route, login_required(require_POST(view)), name=name)


urlpatterns = [
    page("", queue.queue, "queue"),
    page("queue.<str:kind>", export.queue_file, "queue_file"),
    page("views/<uuid:pk>/", views.view, "view"),
    form("views/new/", views.view_new, "view_new"),
    form("views/<uuid:pk>/edit/", views.view_edit, "view_edit"),
    form("views/<uuid:pk>/delete/", views.view_delete, "view_delete"),
    form("views/restore/<str:token>/", views.view_restore, "view_restore"),
    page("changes/", changes.changes, "changes"),
    form("changes/preview/", changes.preview, "change_preview"),
    form("changes/apply/", changes.apply, "change_apply"),
    form("changes/mine/", changes.mine, "change_mine"),
    form("changes/remind/<uuid:pk>/", changes.remind, "change_remind"),
    form("changes/<uuid:pk>/undo/", changes.undo, "change_undo"),
    form("staff/<str:username>/reassign/", staff.reassign, "staff_reassign"),
    page("letters/", letter.letters, "letters"),
    form("letters/new/", log_letter.new, "new_letter"),
    page("letters/drafts/", log_letter.drafts, "drafts"),
    form("letters/drafts/<uuid:pk>/", log_letter.draft, "draft"),
    page("letters/drafts/<uuid:pk>/review/", log_letter.review, "review"),
    send("letters/drafts/<uuid:pk>/send/", log_letter.send, "draft_send"),
    send("letters/drafts/<uuid:pk>/give-up/", log_letter.give_up, "draft_give_up"),
    send("letters/drafts/<uuid:pk>/restore/", log_letter.restore, "draft_restore"),
    page("letters/<str:reference>/", letter.letter, "letter"),
    form("letters/<str:reference>/notes/", letter.add_note, "letter_notes"),
    form("letters/<str:reference>/amend/", amend.amend, "letter_amend"),
    form("letters/<str:reference>/correct/", letter_desk.correct, "letter_correct"),
    form("letters/<str:reference>/links/new/", letter_desk.link, "letter_link"),
    form("letters/<str:reference>/links/<uuid:pk>/remove/", letter_desk.unlink, "letter_unlink"),
    form("letters/<str:reference>/addressees/<uuid:pk>/", letter_desk.addressee, "letter_addressee"),
    page("letters/<str:reference>/public/", public.public, "letter_public"),
    form("letters/<str:reference>/public/<str:kind>/<uuid:pk>/", public.part, "letter_public_part"),
    form("letters/<str:reference>/files/", files.add_to_letter, "letter_files"),
    form("letters/<str:reference>/repeats/", repeats.repeats, "letter_repeats"),
    form("replies/new/", reply.new, "reply_new"),
    page("replies/unread/", reply_page.unread, "replies_unread"),
    page("replies/said/", reply.said_help, "replies_said"),
    page("replies/<uuid:pk>/", reply_page.reply, "reply"),
    form("replies/<uuid:pk>/read/", reply.read_reply, "reply_read"),
    form("replies/<uuid:pk>/take-back/", take_back.reply, "reply_take_back"),
    form("contacts/new/", contact.new, "contact_new"),
    form("contacts/<uuid:pk>/take-back/", take_back.contact, "contact_take_back"),
    form("evidence/<uuid:pk>/take-back/", take_back.evidence, "evidence_take_back"),
    send("evidence/<uuid:pk>/check/", take_back.check_evidence, "evidence_check"),
    form("replies/<uuid:pk>/files/", files.add_to_reply, "reply_files"),
    page("files/<uuid:pk>/download/<str:name>", files.download, "file_download"),
    form("letters/<str:reference>/access/", letter_access.letter_access, "letter_access"),
    page("items/<uuid:pk>/", item.item, "item"),
    form("items/<uuid:pk>/status/", item_actions.change_status, "item_status"),
    *(form(f"items/<uuid:pk>/{name}/", item_actions.act, f"item_{name}", action=name) for name in item_actions.ACTIONS),
    page("dashboard/", dashboard.dashboard, "dashboard"),
    page("dashboard/<slug:name>/", dashboard.table, "dashboard_table"),
    page("search/", search.search, "search"),
    page("legislators/", legislators.legislators, "legislators"),
    page("legislators/<str:bioguide>/", legislators.legislator, "legislator"),
    page("legislators/<str:bioguide>/open/", signatory.signatory, "signatory"),
    page("agencies/", agencies.agencies, "agencies"),
    page("agencies/<slug:slug>/", agencies.agency, "agency"),
    page("agencies/<slug:slug>/record/", reply_records.agency_record, "agency_record"),
    page("reports/replies/", reply_records.reply_records, "reply_records"),
    page("targets/", targets.targets, "targets"),
    page("targets/<slug:slug>/", targets.target, "target"),
    *(page(f"suggest/{kind}/", getattr(suggest, kind), f"suggest_{kind}") for kind in SUGGESTED),
    form("people/", people.everybody, "people"),
    send("accounts/sessions/<int:pk>/end/", sessions.end, "session_end"),
    form("people/<uuid:pk>/", people.person, "person"),
    form("follow-ups/new/", follow_up.new, "follow_up"),
    form("follow-ups/letter.<str:kind>", follow_up.file, "follow_up_file"),
    form("documents/", documents.documents, "documents"),
    page("documents/download/<str:kind>/", documents.template, "document_template"),
    page("reminders/", reminders.reminders, "reminders"),
    page("inbox/", inbox.inbox, "inbox"),
    send("inbox/mark/", inbox.mark, "inbox_mark"),
    form("mail/", mail.mail, "mail"),
    page("mail/preview/<int:place>/", mail.preview, "mail_preview"),
    page("mail/failing/", mail.failing, "mail_failing"),
    send("mail/failing/<uuid:pk>/", mail.failing_person, "mail_failing_person"),
    send("mail/calendars/<uuid:pk>/end/", mail.calendar_end, "calendar_end"),
    # open: a calendar program cannot sign in, and the address is the secret
    path("calendar/<str:token>.ics", require_safe(mail.calendar_file), name="calendar"),
    form("keys/", keys.keys, "keys"),
    form("keys/<uuid:pk>/revoke/", keys.revoke, "key_revoke"),
    page("feeds/", feeds.feeds, "feeds"),
    page("help/rights/", rights.rights, "rights"),
    page("gallery/", gallery.gallery, "gallery"),
]
