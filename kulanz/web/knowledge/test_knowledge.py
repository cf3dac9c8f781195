"""The knowledge pages: who may do what, from the first draft to a withdrawn article, and two who write at once."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from kulanz.accounts.models import Role, User
from kulanz.knowledge.articles import do_create, do_publish
from kulanz.knowledge.importing import do_import
from kulanz.knowledge.models import Article, Attachment, Version
from kulanz.knowledge.visibility import today
from kulanz.trust.models import AuditEntry
from kulanz.trust.uploads import MOST_BYTES

pytestmark = pytest.mark.django_db


def signed_in(role: str = Role.CURATOR, name: str = "Cleo") -> Client:
    user = User.objects.create_user(f"{name}@example.org", "a long password", name=name, role=role, language="en")
    client = Client()
    client.force_login(user)
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def written(client: Client, title: str = "How do I return it?", body: str = "Within **30 days**.") -> Article:
    client.post("/desk/knowledge/new/", {"title": title, "language": "en"})
    article = Article.objects.get(title=title)
    save(client, article, title, body)
    return article


def save(client: Client, article: Article, title: str, body: str, act: str = "save", **more: object) -> str:
    form = {"title": title, "body": body, "act": act, **more}
    form.setdefault("edition", editing(client, article))
    return client.post(f"/desk/knowledge/{article.pk}/save/", form, follow=True).content.decode()


def editing(client: Client, article: Article) -> str:
    shown = client.get(f"/desk/knowledge/{article.pk}/").content.decode()
    found = re.search(r'name="edition" value="([^"]*)"', shown)
    assert found
    return found[1]


def on_help(article: Article, client: Client | None = None) -> int:
    return (client or Client()).get(f"/help/{article.pk}/").status_code


def test_from_a_draft_over_its_review_to_the_readers_and_back() -> None:
    author, reviewer = signed_in(), signed_in(Role.SUPERVISOR, "Sam")
    article = written(author)
    assert on_help(article) == 404
    assert "waits for its review" in save(author, article, "How do I return it?", "Within **30 days**.", "submit")
    listed = reviewer.get("/desk/knowledge/?state=review").content.decode()
    assert "How do I return it?" in listed
    assert "Published." in save(reviewer, article, "How do I return it?", "Within **30 days**.", "publish")
    assert "<strong>30 days</strong>" in Client().get(f"/help/{article.pk}/").content.decode()
    version = article.versions.get()
    assert (version.author and version.author.name, version.publisher and version.publisher.name) == ("Cleo", "Sam")
    reviewer.post(f"/desk/knowledge/{article.pk}/withdraw/")
    assert on_help(article) == 404
    assert "How do I return it?" in reviewer.get("/desk/knowledge/?state=withdrawn").content.decode()
    assert list(AuditEntry.objects.order_by("at").values_list("act", flat=True)) == [
        "article_published", "article_withdrawn",
    ]  # fmt: skip


def test_agents_read_what_is_for_them_and_change_nothing() -> None:
    curator, agent = signed_in(), signed_in(Role.AGENT, "Mia")
    article = written(curator)
    assert agent.get(f"/desk/knowledge/{article.pk}/").status_code == 404
    save(curator, article, article.title, "Only we know: **shelf 7**.", "publish")
    curator.post(f"/desk/knowledge/{article.pk}/settings/", {"audience": "agents"})
    assert "shelf 7" in agent.get(f"/desk/knowledge/{article.pk}/").content.decode()
    assert article.title in agent.get("/desk/knowledge/").content.decode()
    assert on_help(article, agent) == 404
    for path in ("save/", "autosave/", "settings/", "withdraw/", "translate/", "files/", "restore/1/", "send-back/"):
        assert agent.post(f"/desk/knowledge/{article.pk}/{path}", {"title": "x", "body": "y"}).status_code == 403
    assert agent.get(f"/desk/knowledge/{article.pk}/history/").status_code == 403
    assert agent.get("/desk/knowledge/new/").status_code == 403
    assert Client().get("/desk/knowledge/").status_code == 302


def test_of_two_who_write_at_once_the_second_is_told_and_nothing_is_lost() -> None:
    one, other = signed_in(), signed_in(Role.SUPERVISOR, "Sam")
    article = written(one, body="Thirty days.")
    began = editing(one, article)
    save(other, article, article.title, "Forty days.")
    answer = one.post(
        f"/desk/knowledge/{article.pk}/save/", {"title": article.title, "body": "Fifty days.", "edition": began}
    )
    shown = answer.content.decode()
    assert "Sam has saved another wording" in shown
    assert "Fifty days.</textarea>" in shown
    assert re.search(r"<del>.*Forty.*</del>", shown)
    fresh = re.search(r'name="edition" value="([^"]*)"', shown)
    assert fresh
    typed = {"title": article.title, "body": "Fifty days.", "edition": began}
    assert one.post(f"/desk/knowledge/{article.pk}/autosave/", typed).json()["stopped"]
    save(one, article, article.title, "Fifty days.", edition=fresh[1], keep="1")
    assert list(article.versions.order_by("number").values_list("body", "state")) == [
        ("Thirty days.", "past"), ("Forty days.", "past"), ("Fifty days.", "draft"),
    ]  # fmt: skip


def test_a_draft_keeps_itself_and_a_lost_answer_is_no_second_editor() -> None:
    curator = signed_in()
    article = written(curator)
    form = {"title": article.title, "body": "Typed so far", "edition": editing(curator, article)}
    first = curator.post(f"/desk/knowledge/{article.pk}/autosave/", form)
    again = curator.post(f"/desk/knowledge/{article.pk}/autosave/", form)
    assert first.json()["edition"] == again.json()["edition"] == editing(curator, article)
    assert "Typed so far" in curator.get(f"/desk/knowledge/{article.pk}/").content.decode()
    assert article.versions.count() == 1
    form |= {"title": " ", "edition": first.json()["edition"]}
    assert curator.post(f"/desk/knowledge/{article.pk}/autosave/", form).json() == {"said": "An article needs a title."}


def test_what_was_published_unread_by_the_publisher_is_not_published() -> None:
    one, other = signed_in(), signed_in(Role.SUPERVISOR, "Sam")
    article = written(one, body="Right.")
    began = editing(one, article)
    save(other, article, article.title, "Wrong.")
    save(one, article, article.title, "Right.", "publish", edition=began)
    assert on_help(article) == 404


def test_an_earlier_wording_comes_back_as_a_draft() -> None:
    curator = signed_in()
    article = written(curator, body="First words.\n\nSame line.")
    save(curator, article, article.title, "First words.\n\nSame line.", "publish")
    save(curator, article, article.title, "Second words.\n\nSame line.", "publish")
    shown = curator.get(f"/desk/knowledge/{article.pk}/history/?from=1&to=2").content.decode()
    assert '<del><span class="hidden">removed: </span>First</del>' in shown
    assert "Restore this wording" in shown
    curator.post(f"/desk/knowledge/{article.pk}/restore/1/")
    assert Version.objects.get(article=article, state="draft").body.startswith("First")
    assert "Second words" in Client().get(f"/help/{article.pk}/").content.decode()
    assert curator.post(f"/desk/knowledge/{article.pk}/restore/9/").status_code == 404


def test_a_translation_knows_its_original_and_when_that_has_moved_on() -> None:
    curator = signed_in()
    article = written(curator)
    save(curator, article, article.title, "Thirty days.", "publish")
    curator.post(f"/desk/knowledge/{article.pk}/translate/", {"language": "de"})
    german = Article.objects.get(language="de")
    save(curator, german, "Wie gebe ich etwas zurück?", "Dreißig Tage.", "publish")
    here = f"/desk/knowledge/{german.pk}/"
    assert "newer than this one" not in curator.get(here).content.decode()
    assert f'href="/help/{german.pk}/"' in Client().get(f"/help/{article.pk}/").content.decode()
    save(curator, article, article.title, "Forty days.", "publish")
    assert "newer than this one" in curator.get(here).content.decode()
    save(curator, german, "Wie gebe ich etwas zurück?", "Vierzig Tage.", "publish", in_step="1")
    assert "newer than this one" not in curator.get(here).content.decode()
    again = curator.post(f"/desk/knowledge/{article.pk}/translate/", {"language": "de"}, follow=True)
    assert "exists in that language already" in again.content.decode()


def test_an_imported_article_follows_its_file_but_is_for_whom_the_team_says(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nlanguage: en\ntags: [box]\n---\n# Box\nIt is blue.")
    do_import([tmp_path / "a.md"])
    article, curator = Article.objects.get(), signed_in()
    shown = curator.get(f"/desk/knowledge/{article.pk}/").content.decode()
    assert "follows the file" in shown
    assert "<textarea" not in shown
    assert "from a file" in save_refused(curator, article)
    curator.post(
        f"/desk/knowledge/{article.pk}/settings/", {"audience": "agents", "tags": "other", "review_on": "2030-01-31"}
    )
    article.refresh_from_db()
    assert (article.audience, article.tags, str(article.review_on)) == ("agents", ["box"], "2030-01-31")


def save_refused(client: Client, article: Article) -> str:
    answer = client.post(f"/desk/knowledge/{article.pk}/save/", {"title": "x", "body": "y"})
    return answer.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"audience": "all"}, {"valid_from": "soon"}, {"valid_from": "2030-02-31"},
              {"valid_from": "2030-02-02", "valid_until": "2030-02-01"}, {"tags": ",".join("abcdefghijklmnopqrstuvw")}]
)  # fmt: skip
def test_settings_that_make_no_sense_change_nothing(wrong: dict[str, str]) -> None:
    curator = signed_in()
    article = written(curator)
    answer = curator.post(f"/desk/knowledge/{article.pk}/settings/", {"audience": "agents", **wrong}, follow=True)
    assert 'role="alert"' in answer.content.decode()
    article.refresh_from_db()
    assert (article.audience, article.valid_from, article.tags) == ("customers", None, [])


@pytest.mark.parametrize(
    ("query", "titles"),
    [("", {"A", "B", "C"}), ("state=published", {"A", "B"}), ("state=draft", {"C"}), ("state=expired", {"B"}),
     ("state=due", {"A"}), ("state=planned", set()), ("language=de", {"B"}), ("audience=agents", {"A"}),
     ("owner=me", {"A", "B", "C"}), ("owner=none", set()), ("owner=99999999999", {"A", "B", "C"}), ("tag=box", {"A"}),
     ("text=grün", {"B"}), ("text=c", {"C"}), ("text=%27%22", set()), ("page=x", {"A", "B", "C"}),
     ("text=unfinished", {"C"})],
)  # fmt: skip
def test_the_list_shows_what_its_filters_name(query: str, titles: set[str]) -> None:
    curator = signed_in()
    user = User.objects.get()
    for title, language, body in (("A", "en", "Blue."), ("B", "de", "Grün."), ("C", "en", "unfinished")):
        article = do_create(user, title=title, body=body, language=language)
        if title != "C":
            do_publish(article, user)
    Article.objects.filter(title="A").update(audience="agents", tags=["box"], review_on=today())
    Article.objects.filter(title="B").update(valid_until=today() - timedelta(days=1))
    shown = curator.get(f"/desk/knowledge/?{query}").content.decode()
    assert set(re.findall(r'lang="..">(\w)</a>', shown)) == titles


def attach(client: Client, article: Article, data: bytes, name: str = "picture.png") -> str:
    answer = client.post(f"/desk/knowledge/{article.pk}/files/", {"file": SimpleUploadedFile(name, data)})
    return answer.content.decode()


def test_a_picture_is_seen_where_its_article_is() -> None:
    curator, agent = signed_in(), signed_in(Role.AGENT, "Mia")
    article = written(curator)
    save(curator, article, article.title, "Without.", "publish")
    assert "is added" in attach(curator, article, picture())
    file = Attachment.objects.get()
    address = f"/help/files/{file.pk}/{file.name}"
    assert Client().get(address).status_code == 404
    assert agent.get(address).status_code == 404
    assert curator.get(address).status_code == 200
    save(curator, article, article.title, f"![Box]({address})", "publish")
    shown = Client().get(address)
    assert shown["Content-Type"] == "image/png"
    assert (shown["X-Content-Type-Options"], "sandbox" in shown["Content-Security-Policy"]) == ("nosniff", True)
    assert f'<img src="{address}" alt="Box"' in Client().get(f"/help/{article.pk}/").content.decode()
    assert "still uses this file" in save(curator, article, article.title, f"![Box]({address})", remove=str(file.pk))
    curator.post(f"/desk/knowledge/{article.pk}/settings/", {"audience": "agents"})
    assert (Client().get(address).status_code, agent.get(address).status_code) == (404, 200)
    save(curator, article, article.title, "Without.", "publish")
    save(curator, article, article.title, "Without.", remove=str(file.pk))
    assert not Attachment.objects.exists()


def test_a_translation_has_files_of_its_own() -> None:
    curator = signed_in()
    article = written(curator)
    attach(curator, article, picture())
    file = Attachment.objects.get()
    save(curator, article, article.title, f"![Box](/help/files/{file.pk}/{file.name})", "publish")
    curator.post(f"/desk/knowledge/{article.pk}/translate/", {"language": "de"})
    german = Article.objects.get(language="de")
    copy = german.attachments.get()
    assert copy.pk != file.pk
    assert str(copy.pk) in german.body
    assert bytes(copy.data) == bytes(article.attachments.get().data)


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "a.png"),
     (b"<html><script>alert(1)</script>", "a.pdf"), (b"MZ\x90\x00", "a.jpg"), (b"", "a.png"),
     (b"\x89PNG\r\n\x1a\n" + b"0" * 90, "a.png"), (b"P" * (MOST_BYTES + 1), "a.png")],
)  # fmt: skip
def test_what_is_no_picture_and_no_pdf_is_refused(data: bytes, name: str) -> None:
    curator = signed_in()
    assert 'role="alert"' in attach(curator, written(curator), data, name)
    assert not Attachment.objects.exists()


def test_a_picture_too_large_to_look_at_is_refused() -> None:
    curator = signed_in()
    assert "megapixels" in attach(curator, written(curator), picture(size=(9000, 6000)))


def test_only_pixels_of_a_picture_are_kept_and_a_pdf_never_opens_in_the_page() -> None:
    curator = signed_in()
    article = written(curator)
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (3000, 10)).save(out, "JPEG", exif=exif)
    attach(curator, article, out.getvalue() + b"<script>alert(1)</script>", "../../x y.png")
    attach(curator, article, b"%PDF-1.7\n...", "Terms.exe")
    jpeg, pdf = Attachment.objects.order_by("created_at")
    assert (jpeg.name, jpeg.kind, jpeg.width) == ("x-y.jpg", "image/jpeg", 2000)
    assert b"taken at home" not in bytes(jpeg.data)
    assert b"script" not in bytes(jpeg.data)
    answer = curator.get(f"/help/files/{pdf.pk}/Terms.pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="Terms.pdf"'


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_of_picture_stays_what_it_is(kind: str) -> None:
    curator = signed_in()
    attach(curator, written(curator), picture(kind))
    file = Attachment.objects.get()
    assert Image.open(BytesIO(bytes(file.data))).format == kind
    assert (file.width, file.height) == (40, 20)


def test_the_preview_is_what_readers_will_see_and_runs_nothing() -> None:
    curator = signed_in()
    body = "# T\n**bold** <script>x</script> [a](javascript:alert(1)) ![p](https://evil.example/x.png)"
    shown = curator.post("/desk/knowledge/preview/", {"title": "T", "body": body}).content.decode()
    assert "<strong>bold</strong>" in shown
    assert "<script" not in shown
    assert "javascript:" not in re.sub(r"\[a\]\(javascript:alert\(1\)\)", "", shown)
    assert "<img" not in shown
    assert shown.count("<h1>") == 1
