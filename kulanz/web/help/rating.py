"""Did this help? Asked without cookies: a signed form counts once, and an address only so often in an hour."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kulanz.core.errors import NotFound
from kulanz.knowledge.models import Article
from kulanz.knowledge.queries import get_article
from kulanz.knowledge.ratings import MOST_COMMENT, do_rate
from kulanz.understanding.entities import find_entities
from kulanz.understanding.masking import mask
from kulanz.web.help.common import page, shown_language, too_many

SALT = "kulanz.help.rating"
MOST_SECONDS = 7 * 24 * 3600
"""How long a form counts after its page was opened."""
MOST_IN_AN_HOUR = 30
"""Forms from one address: an office shares one."""


def form_token(article_id: UUID, version: int) -> str:
    """Names the article's version and this one form; nobody else can make one."""
    return signing.dumps([str(article_id), version, secrets.token_hex(16)], salt=SALT, compress=False)


@csrf_exempt  # there is no session that another site could use; the form's own token is signed
@require_http_methods(["GET", "HEAD", "POST"])
def rating(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """Keeps a yes or no, thanks, and asks for a word; the word comes to the same address."""
    try:
        article = get_article(article_id)
    except NotFound as error:
        raise Http404 from error
    given = request.POST if request.method == "POST" else request.GET
    token, helpful = given.get("token", ""), given.get("helpful", "")
    known = _opened(token, article)
    if known is None or helpful not in {"yes", "no"}:
        return _thanks(request, article, problem=_("This form is too old. Please open the article again."), status=400)
    if request.method != "POST":
        return _thanks(request, article, token=token, helpful=helpful, said=given.get("said") == "1")
    if too_many(request, "rating", MOST_IN_AN_HOUR, 3600):
        return _thanks(request, article, problem=_("That is enough for now. Thank you."), status=429)
    comment = given.get("comment", "")[:MOST_COMMENT]
    version, nonce = known
    do_rate(article, version, nonce, helpful=helpful == "yes", comment=mask(comment, find_entities(comment)))
    said = "&said=1" if comment.strip() else ""
    response = HttpResponseRedirect(f"/help/{article.pk}/rating/?token={token}&helpful={helpful}{said}")
    response.status_code = 303
    return response


def _opened(token: str, article: Article) -> tuple[int, str] | None:
    """(version, random number) of a form of ours for this article."""
    try:
        known, version, nonce = signing.loads(token, salt=SALT, max_age=MOST_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (int(version), str(nonce)) if known == str(article.pk) else None


def _thanks(request: HttpRequest, article: Article, *, status: int = 200, **context: object) -> HttpResponse:
    response = page(request, "rating", shown_language(article.language), article=article, noindex=True, **context)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
