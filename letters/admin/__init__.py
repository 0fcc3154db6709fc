"""Reference data for administrators. What happened to letters is changed by verbs, never here."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, URLField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from letters.admin.forms import SEEN, InATree, PersonForm, SeenForm
from letters.domain.access import ADMINISTER, may
from letters.domain.asking import REPLY_KIND
from letters.domain.clocks import look_again
from letters.domain.closures import recount_now, remove_closure, set_closure
from letters.domain.deadlines import count
from letters.domain.people import end_ways_in, rights_of
from letters.domain.reference_data import IN_TREE, RECOUNTED
from letters.models import (
    Agency,
    AgencyName,
    ApiKey,
    AskKind,
    Closure,
    Legislator,
    Office,
    Official,
    ReminderRule,
    StatutoryClock,
    Target,
    TargetAlias,
    Tasking,
    Term,
    Topic,
    User,
)


class AdministratorsOnly:
    """Open to administrators of the office, whatever Django's own permissions say."""

    def _may(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and may(request.user, ADMINISTER)

    def has_module_permission(self, request):
        return self._may(request)

    def has_view_permission(self, request, obj=None):
        return self._may(request)

    def has_add_permission(self, request):
        return self._may(request)

    def has_change_permission(self, request, obj=None):
        return self._may(request)

    def has_delete_permission(self, request, obj=None):
        return self._may(request)


class ReferenceAdmin(AdministratorsOnly, admin.ModelAdmin):
    """Reference data."""

    form = SeenForm

    def get_form(self, request, obj=None, change=False, **kwargs):
        made = super().get_form(request, obj, change=change, **kwargs)
        beside = tuple((one.model, _key(one.model, self.model)) for one in self.inlines)
        return type(made.__name__, (made,), {"beside": beside})


def _key(model: type[Model], of: type[Model]) -> str:
    """Of the rows on the page of another: the field that names it."""
    return next(one.name for one in model._meta.concrete_fields if one.related_model is of)


class AgencyNames(admin.TabularInline):
    model = AgencyName
    extra = 0


@admin.register(Agency)
class AgencyAdmin(ReferenceAdmin):
    form = InATree
    list_display = ("short_name", "name", "kind", "parent", "yardstick_days")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("name", "short_name", "abbreviation", "names__name")
    autocomplete_fields = ("parent",)
    inlines = (AgencyNames,)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and {"yardstick_days", "acknowledgement_days"} & set(form.changed_data):
            moved = recount_now(by=request.user)
            messages.info(request, f"{moved} running dates moved with our usual wait.")
        elif change and IN_TREE & set(form.changed_data):
            look_again()


@admin.register(Official)
class OfficialAdmin(ReferenceAdmin):
    list_display = ("name", "title", "agency", "start", "end")
    list_select_related = ("agency",)
    search_fields = ("name", "title")
    autocomplete_fields = ("agency",)


@admin.register(AskKind)
class AskKindAdmin(ReferenceAdmin):
    """A kind keeps its code, and the record its kind “reply”: a letter without an ask asks for one."""

    list_display = ("name", "code", "usual_agency", "acting_agency", "closes_as", "needs_targets")
    list_select_related = ("usual_agency", "acting_agency")
    autocomplete_fields = ("usual_agency", "acting_agency")

    def get_readonly_fields(self, request, obj=None):
        return ("code",) if obj else ()

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.code == REPLY_KIND)


class TargetAliases(admin.TabularInline):
    model = TargetAlias
    extra = 0


@admin.register(Target)
class TargetAdmin(ReferenceAdmin):
    form = InATree
    list_display = ("name", "kind", "parent")
    list_select_related = ("parent",)
    search_fields = ("name", "aliases__name")
    autocomplete_fields = ("parent",)
    inlines = (TargetAliases,)


class Terms(admin.TabularInline):
    model = Term
    extra = 0


@admin.register(Legislator)
class LegislatorAdmin(ReferenceAdmin):
    list_display = ("official_full", "bioguide", "seen_from", "seen_until")
    search_fields = ("official_full", "bioguide", "sort_name")
    inlines = (Terms,)


@admin.register(Closure)
class ClosureAdmin(ReferenceAdmin):
    """Through the verbs: a day added or removed moves the dates still running."""

    list_display = ("day", "name", "closed")

    def save_model(self, request, obj, form, change):
        if change and "day" in form.changed_data:
            remove_closure(Closure.objects.get(pk=obj.pk), by=request.user)
        saved = set_closure(by=request.user, day=obj.day, name=obj.name, closed=obj.closed)
        obj.pk = saved.pk

    def delete_model(self, request, obj):
        remove_closure(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for closure in queryset:
            remove_closure(closure, by=request.user)


@admin.register(StatutoryClock)
class StatutoryClockAdmin(ReferenceAdmin):
    """The dates that run by a law follow when its days change, as by the API."""

    list_display = ("name", "citation", "days")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and RECOUNTED & set(form.changed_data):
            moved = recount_now(by=request.user)
            messages.info(request, f"{count(moved, 'running date')} moved with the law’s.")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"  # Django 5 warns where it is left open; the next release does this itself
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ReminderRule)
class ReminderRuleAdmin(ReferenceAdmin):
    """A rung added, moved or taken away counts from the next sweep on; what fired is kept."""

    list_display = ("words", "anchor", "offset_days", "business_days", "basis", "kind", "agency", "is_active")
    list_select_related = ("kind", "agency")
    autocomplete_fields = ("agency",)

    def get_readonly_fields(self, request, obj=None):
        return ("code",) if obj else ()  # reminders that fired are known by it

    def get_changeform_initial_data(self, request):
        last = ReminderRule.objects.order_by("position").last()
        return {"position": last.position + 1 if last else 1, **super().get_changeform_initial_data(request)}

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        look_again()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        look_again()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        look_again()


@admin.register(Topic)
class TopicAdmin(ReferenceAdmin):
    list_display = ("name", "slug")


@admin.register(Office)
class OfficeAdmin(ReferenceAdmin):
    """One installation serves one: there is no second, and none to take the place of one that was deleted."""

    list_display = ("name", "kind", "legislator", "is_demo")
    autocomplete_fields = ("legislator",)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Office.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(ReferenceAdmin):
    """Keys are made, shown once and ended on the page Keys; here they are looked at. One that was ended stays so, and its
    row stays: what it wrote names it."""

    list_display = ("name", "scope", "created_at", "expires_at", "revoked_at")
    fields = ("name", "scope", "created_at", "expires_at", "revoked_at")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class PersonAdmin(AdministratorsOnly, UserAdmin):
    """An account stays, closed or not: the record names its author. Django's own rights follow the role."""

    form = PersonForm
    list_display = ("username", "first_name", "last_name", "email", "role", "is_active")
    list_filter = ("role", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password", SEEN)}),
        ("The person", {"fields": ("first_name", "last_name", "email")}),
        ("This office", {"fields": ("role", "is_active")}),
        ("Important dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")  # what happened, not what somebody decides
    add_fieldsets = (*UserAdmin.add_fieldsets, ("This office", {"fields": ("role",)}))

    def has_delete_permission(self, request, obj=None):
        return False

    def get_form(self, request, obj=None, change=False, **kwargs):
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"by": request.user})

    def save_model(self, request, obj, form, change):
        for name, value in rights_of(obj.role).items():
            setattr(obj, name, value)
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:  # either way: opened again, it begins with a new link
            end_ways_in(obj)
        owned = Tasking.objects.open().filter(owner=obj).count() if change and not obj.is_active else 0
        if owned:
            address = reverse("staff_reassign", args=[obj.username])
            words = (
                '{} still owns {}. <a href="{}">Hand them on</a>; until then the letters’ staff are reminded, else managers '
                "(of letters we only co-signed, nobody)."
            )
            messages.warning(request, format_html(words, obj, count(owned, "open item"), address))
