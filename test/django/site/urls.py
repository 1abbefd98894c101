from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import JsonResponse
from django.urls import path


def whoami(request):
    return JsonResponse({"user": request.user.get_username(), "authenticated": request.user.is_authenticated})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(template_name="admin/login.html", next_page="/whoami/")),
    path("whoami/", whoami),
]
