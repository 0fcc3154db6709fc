from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Site"

    def ready(self) -> None:
        # Checks register themselves, and so does the Celery app: a task sent from a page needs the right broker.
        from tracker import celery, checks  # noqa: F401


class StaticFiles(StaticFilesConfig):
    # What no page asks for: USWDS's thousands of single icons beside the sprite it uses, the browsable API's
    # files, and builds for Node. Left out, collecting takes seconds less.
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("material-icons", "material-icons-deprecated", "uswds-icons"),
        *("rest_framework", "*.cjs", "*.cjs.map"),
    ]
