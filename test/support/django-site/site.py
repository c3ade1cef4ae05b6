"""A site with logins as many are made: Django's admin, django-two-factor-auth (one-time codes, each taken once),
django-axes (locks accounts), SimpleJWT (JSON API with tokens). Run: python site.py DIRECTORY PORT

Files in DIRECTORY steer it: `down` (503 for everything), `captcha` (the login page asks for one), `hold` (JSON
{method, path, when: before|after, field?}: requests of that kind wait there until the file is gone). `requests.jsonl` has a line
for every request when it arrives; for one-time codes only their digest.
"""
import hashlib, json, os, sys, time
from pathlib import Path

DIR, PORT = Path(sys.argv[1]), sys.argv[2]
TOTP_KEY_HEX = "3132333435363738393031323334353637383930"  # "12345678901234567890" as in RFC 6238

from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="a key of a test",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DIR / "site.sqlite3"), "OPTIONS": {"timeout": 20}}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.messages", "django.contrib.staticfiles", "django_otp", "django_otp.plugins.otp_static",
        "django_otp.plugins.otp_totp", "two_factor", "axes", "rest_framework",
    ],
    MIDDLEWARE=[
        __name__ + ".Steering", "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware", "django_otp.middleware.OTPMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware", "axes.middleware.AxesMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"two_factor/_base.html": "<html><body>{% block content_wrapper %}{% block content %}{% endblock %}{% endblock %}</body></html>"}), "django.template.loaders.app_directories.Loader"], "context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages"]},
    }],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    STATIC_URL="static/",
    TWO_FACTOR_PATCH_ADMIN=False,
    LOGIN_URL="two_factor:login",
    LOGIN_REDIRECT_URL="/lessons/",
    OTP_TOTP_THROTTLE_FACTOR=0,
    AXES_FAILURE_LIMIT=4, AXES_LOCKOUT_PARAMETERS=["username"], AXES_VERBOSE=False, AXES_RESET_ON_SUCCESS=True,
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]},
    LOGGING={"version": 1, "disable_existing_loggers": True},
)
import django

django.setup()

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from django_otp.admin import OTPAdminSite
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework_simplejwt.views import TokenObtainPairView
from two_factor.urls import urlpatterns as two_factor_urls

CAPTCHA = b'<form method="post"><input name="username"><input name="password" type="password"><div class="g-recaptcha"></div></form>'


def steer(request, when):
    try:
        hold = json.loads((DIR / "hold").read_text())
    except (OSError, ValueError):
        return
    if (hold["method"], hold["path"], hold["when"]) != (request.method, request.path, when):
        return
    if "field" in hold and hold["field"] not in request.POST:
        return
    (DIR / "held").write_text(when)
    while (DIR / "hold").exists():
        time.sleep(0.02)


class Steering:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/up":
            return HttpResponse("up")
        code = (request.POST.get("token-otp_token") or request.POST.get("otp_token")) if request.method == "POST" else None
        line = {"method": request.method, "path": request.path, "at": time.time(),
                "user": request.POST.get("username") or request.POST.get("auth-username"),
                "code": code and hashlib.sha256(code.encode()).hexdigest()[:16]}
        with open(DIR / "requests.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        steer(request, "before")
        if (DIR / "down").exists():
            return HttpResponse("down for maintenance", status=503)
        if (DIR / "captcha").exists() and "login" in request.path:
            return HttpResponse(CAPTCHA)
        response = self.get_response(request)
        steer(request, "after")
        return response


@login_required
def lessons(request):
    return HttpResponse(f"<h1>Lessons of {request.user.username}</h1>")


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def me(request):
    return JsonResponse({"user": {"name": request.user.username}})


SCRIPT_PAGE = b"""<!doctype html><title>App</title><div id="app"></div><script>
const app = document.getElementById('app');
function form() {
  app.innerHTML = '<form><input name="mail"><input name="secret" type="password"><button>Go</button><p id="problem"></p></form>';
  app.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const body = JSON.stringify({username: app.querySelector('[name=mail]').value, password: app.querySelector('[name=secret]').value});
    const answer = await fetch('/api/token/', {method: 'POST', headers: {'content-type': 'application/json'}, body});
    if (!answer.ok) { document.getElementById('problem').textContent = 'No such account'; return; }
    localStorage.setItem('token', (await answer.json()).access);
    show();
  };
}
async function show() {
  const answer = await fetch('/api/me/', {headers: {authorization: 'Bearer ' + localStorage.getItem('token')}});
  if (answer.ok) app.innerHTML = '<h1>Hello ' + (await answer.json()).user.name + '</h1>'; else form();
}
setTimeout(show, 200);
</script>"""

otp_admin = OTPAdminSite("otp")

urlpatterns = [
    path("otp/", otp_admin.urls),
    path("admin/", admin.site.urls),
    path("", include(two_factor_urls)),
    path("lessons/", lessons),
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/me/", me),
    path("app/", lambda request: HttpResponse(SCRIPT_PAGE)),
]


def prepare():
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django_otp.plugins.otp_totp.models import TOTPDevice

    call_command("migrate", verbosity=0)
    for name in ("anna", "tess", "quick", "locked"):
        user = User.objects.create_superuser(name, f"{name}@example.com", os.environ["SITE_PASSWORD"])
        if name in ("tess", "quick"):
            TOTPDevice.objects.create(user=user, name="default", key=TOTP_KEY_HEX, tolerance=1, step=30 if name == "tess" else 4)


if __name__ == "__main__":
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 200

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args):
            pass

    prepare()
    server = make_server("127.0.0.1", int(PORT), StaticFilesHandler(get_wsgi_application()), Server, Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()
