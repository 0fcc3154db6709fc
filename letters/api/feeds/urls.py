"""Files under /feeds/. The page that lists them is the pages' own."""

from django.urls import path

from letters.api.feeds import views

app_name = "feeds"

urlpatterns = [
    path("status.atom", views.StatusAtom.as_view(), name="status"),
    path("dates.ics", views.DatesCalendar.as_view(), name="dates"),
    path("open.csv", views.OpenTable.as_view(), name="open"),
    path("everything.csv", views.WholeTable.as_view(), name="everything"),
]
