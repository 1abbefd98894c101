"""Runs the Python code of standard input within the project, and prints what it leaves in `result` as JSON."""
import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()
scope = {}
exec(sys.stdin.read(), scope)
json.dump(scope.get("result"), sys.stdout, default=str)
