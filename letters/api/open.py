"""Addresses that need no key: they say nothing of any letter."""

from rest_framework.views import APIView


class OpenView(APIView):
    """Read by anybody."""

    schema = None
    authentication_classes: list = []
    permission_classes: list = []
    http_method_names = ["get", "head"]
