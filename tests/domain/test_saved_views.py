"""Saved views: whose they are, who sees them, who may change them, and the way back from a deletion."""

from letters.domain import saved_views
from letters.enums import Role
from letters.errors import NotAllowed
from letters.models import SavedView
from tests import factories
from tests.domain.refusals import refused


def names(user) -> list[str]:
    return [view.name for view in saved_views.views_of(user)]


def test_a_private_view_is_its_owners_and_a_shared_one_everybodys(staff, viewer):
    saved_views.save_view(by=staff, name="TEST  mine ", query="owner=staff")
    saved_views.save_view(by=staff, name="TEST ours", query="agency=treasury", shared=True)
    saved_views.save_view(by=viewer, name="TEST look", query="late=any")
    assert names(staff) == ["TEST mine", "TEST ours"]
    assert names(viewer) == ["TEST look", "TEST ours"]


def test_sharing_needs_the_right_to_change_the_record(viewer):
    told = refused(saved_views.save_view, by=viewer, name="TEST", query="", shared=True, error=NotAllowed)
    assert told == {"by": "Your role (Viewer) may not change this. Ask a manager or an administrator."}


def test_a_name_is_needed_and_stands_once_a_person(staff):
    saved_views.save_view(by=staff, name="TEST mine", query="")
    assert refused(saved_views.save_view, by=staff, name=" ", query="") == {
        "name": "The name is missing. Give the view a name you will know it by."
    }
    assert refused(saved_views.save_view, by=staff, name="test MINE", query="") == {
        "name": "You have a view named “test MINE” already. Choose another name."
    }
    assert list(refused(saved_views.save_view, by=staff, name="TEST", query="q=" + "x" * 3000)) == ["query"]


def test_its_owner_changes_it_a_manager_only_what_is_shared_others_nothing(staff, manager):
    other = factories.user(Role.STAFF, "other")
    view = saved_views.save_view(by=staff, name="TEST", query="", shared=True)
    told = refused(saved_views.change_view, view, by=other, name="TEST x", query="", shared=True, error=NotAllowed)
    assert told == {"by": "This view is staff’s. Save it as your own, and change that one."}
    changed = saved_views.change_view(view, by=manager, name="TEST y", query="late=any", shared=True)
    assert (changed.name, changed.query, changed.owner) == ("TEST y", "late=any", staff)
    private = saved_views.change_view(changed, by=staff, name="TEST y", query="late=any", shared=False)
    assert list(refused(saved_views.delete_view, private, by=manager, error=NotAllowed)) == ["by"]


def test_a_deleted_view_comes_back_at_its_address(staff):
    view = saved_views.save_view(by=staff, name="TEST", query="late=any", shared=True)
    key = view.pk
    kept = saved_views.delete_view(view, by=staff)
    assert not SavedView.objects.exists()
    back = saved_views.restore_view(kept, by=staff)
    assert (back.pk, back.name, back.query, back.shared, back.owner) == (key, "TEST", "late=any", True, staff)
    assert refused(saved_views.restore_view, kept, by=staff) == {"view": "This view is there again already."}
