"""Runs Python code within the project: each line of standard input is a program as a JSON string, and each line of
standard output what that left in `result`, or what went wrong. Django is loaded once; each program has a process of its
own, so that nothing is remembered from one to the next."""
import json
import os
import sys
import traceback

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()
answers, sys.stdout = sys.stdout, sys.stderr
while line := sys.stdin.readline():
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        continue
    scope = {}
    try:
        exec(json.loads(line), scope)
        answer = {"result": scope.get("result")}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer, default=str), file=answers, flush=True)
    os._exit(0)
