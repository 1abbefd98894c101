"""Pages by which tests see what Django makes of a login, a session or a right; web_server.py serves them."""
import datetime as dt
import json

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt


def whoami(request, status=200):
    user = request.user
    user.is_authenticated  # It is read only now, and the session with it.
    data = {key: value for key, value in request.session.items() if not key.startswith("_auth")}
    return JsonResponse(
        {"user": str(user), "pk": user.pk, "authenticated": user.is_authenticated, "key": request.session.session_key, "data": data},
        status=status,
    )


@csrf_exempt
def log_in(request):
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    if user is None:
        return JsonResponse({"error": "Invalid credentials"}, status=401)
    login(request, user)
    if "remember" in request.POST:
        request.session.set_expiry(int(request.POST["remember"]))
    return whoami(request)


@csrf_exempt
def log_out(request):
    logout(request)
    return whoami(request)


def count(request):
    request.session["count"] = request.session.get("count", 0) + 1
    return JsonResponse({"count": request.session["count"]})


def form(request):
    return JsonResponse({"token": get_token(request), "method": request.method})


@login_required
def private(request):
    return HttpResponse(f"private to {request.user}")


def may(request, permission):
    return permission_required(permission, raise_exception=True)(lambda r: HttpResponse("may"))(request)


@csrf_exempt
def do(request):
    """Does one thing after the other with the session, as the body says."""
    session, status = request.session, 200
    for name, *args in json.loads(request.body):
        if name == "set":
            session[args[0]] = args[1]
        elif name == "delete":
            session.pop(args[0], None)
        elif name == "get":
            session.get(args[0])
        elif name == "clear":
            session.clear()
        elif name == "expiry":
            session.set_expiry(dt.datetime.fromisoformat(args[0]) if isinstance(args[0], str) else args[0])
        elif name == "cycle":
            session.cycle_key()
        elif name == "flush":
            session.flush()
        elif name == "user":
            str(request.user)
        elif name == "login":
            login(request, User.objects.get(username=args[0]), "django.contrib.auth.backends.ModelBackend")
        elif name == "logout":
            logout(request)
        elif name == "password":
            request.user.set_password(args[0])
            request.user.save()
            update_session_auth_hash(request, request.user)
        elif name == "token":
            get_token(request)
        elif name == "drop":
            # Somebody else ends the session meanwhile.
            Session.objects.filter(session_key=session.session_key).delete()
        elif name == "status":
            status = args[0]
    return HttpResponse("done", status=status)


def safe(request):
    """Which of the addresses in the body are safe to lead to."""
    given = json.loads(request.body)
    return JsonResponse([url_has_allowed_host_and_scheme(url, {"testserver", "good:8000"}, given["https"]) for url in given["urls"]], safe=False)


urlpatterns = [
    path("whoami/", whoami), path("accounts/login/", log_in), path("accounts/logout/", log_out), path("count/", count),
    path("form/", form), path("private/", private), path("may/<str:permission>/", may), path("do/", do), path("safe/", csrf_exempt(safe)),
]
