"""Every format gives its text, and every bad file is named with what to change."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.documents import Document, documents_of, read_documents
from kulanz.knowledge.formats import pdf
from kulanz.knowledge.passages import split

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>',
    "word/styles.xml": f'<w:styles {WORD}><w:style w:type="paragraph" w:styleId="berschrift1">'
    '<w:name w:val="heading 1"/></w:style></w:styles>',
}  # fmt: skip


def docx(body: str, **more: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in PARTS.items():
            out.writestr(name, text)
        out.writestr("word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>")
        for name, data in more.items():
            out.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def paragraph(text: str, style: str = "") -> str:
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{kind}<w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf_file(*pages: list[tuple[int, int, str]]) -> bytes:
    """A PDF of these pages, each of lines (size, height on the page, text)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]  # fmt: skip
    kids = []
    for lines in pages:
        drawn = "".join(f"BT /F1 {size} Tf 1 0 0 1 50 {height} Tm ({text}) Tj ET\n" for size, height, text in lines)
        objects.append(f"<< /Length {len(drawn.encode('cp1252'))} >>\nstream\n{drawn}endstream")
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
                       "/Resources << /Font << /F1 3 0 R >> >> >>")  # fmt: skip
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    data, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{text}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return data + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF"
    ).encode()  # fmt: skip


PAGES = [
    [(9, 800, f"Handbuch Seite {number}"), (18, 740, "Rückgabe" if number == 1 else f"Kapitel {number}"),
     (11, 700, "Sie können Ihre Bestellung inner-"), (11, 687, "halb von 30 Tagen ohne Angabe von Gründen"),
     (11, 674, f"an {whom} zurückschicken."), (11, 640, f"Die Rücksendung an {whom} kostet nichts.")]
    for number, whom in enumerate(("uns", "das Lager", "die Filiale"), start=1)
]  # fmt: skip


def one(data: bytes, name: str) -> Document:
    (document,) = documents_of(data, Path(name).suffix, name, name)
    return document


def refused(data: bytes, name: str) -> str:
    with pytest.raises(InvalidInput, match=name.replace(".", r"\.")) as error:
        documents_of(data, Path(name).suffix, name, name)
    return str(error.value)


def test_a_pdf_gives_headings_and_whole_sentences() -> None:
    document = one(pdf_file(*PAGES), "manual.pdf")
    assert document.title == "Rückgabe"
    assert "Handbuch" not in document.body
    first, second = document.body.split("\n\n")[1:3]
    assert first == "Sie können Ihre Bestellung innerhalb von 30 Tagen ohne Angabe von Gründen an uns zurückschicken."
    assert second == "Die Rücksendung an uns kostet nichts."
    assert [part.heading for part in split(document.body, document.title)] == ["", "Kapitel 2", "Kapitel 3"]


@pytest.mark.parametrize(("password", "readable"), [("", True), ("geheim", False)])
@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_with_a_password_is_named(password: str, readable: bool, algorithm: str) -> None:
    """One that is only protected against changes opens without a password."""
    writer, file = PdfWriter(PdfReader(io.BytesIO(pdf_file(*PAGES)))), io.BytesIO()
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    writer.write(file)
    if readable:
        assert one(file.getvalue(), "manual.pdf").title == "Rückgabe"
    else:
        assert "password" in refused(file.getvalue(), "manual.pdf")


def test_a_pdf_without_text_or_broken_or_endless_is_named() -> None:
    assert "OCR" in refused(pdf_file([]), "scan.pdf")
    whole = pdf_file(*PAGES)
    for broken in (b"", b"%PDF-1.4", whole[:300], b"no pdf at all", whole.replace(b"/Kids", b"/Kicks")):
        refused(broken, "broken.pdf")
    times = iter([0.0, 1_000.0])
    with pytest.raises(InvalidInput, match="seconds"):
        pdf.read(whole, "slow.pdf", clock=lambda: next(times))


def test_a_word_document_gives_headings_lists_and_tables() -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('Land')}</w:tc><w:tc>{paragraph('4,90 €')}</w:tc></w:tr></w:tbl>"
    body = paragraph("Versand", "berschrift1") + paragraph("Wir liefern *gern*.") + table
    document = one(docx(body, word__vbaProject__bin=b"macro"), "versand.docx")
    assert document.title == "Versand"
    assert "Wir liefern \\*gern\\*." in document.body
    assert "Land" in document.body
    assert "macro" not in document.body


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = docx(paragraph("x"), word__media__image1__png=b"\0" * 1_000)
    started = time.process_time()
    assert "unpacks to" in refused(docx(paragraph("x" * 20_000_000)), "bomb.docx")
    assert one(bomb, "fine.docx").body == "x"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as out:
        for number in range(6_000):
            out.writestr(f"{number}.bin", b"")
    assert "unpacks to" in refused(many.getvalue(), "many.docx")
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0old or encrypted", docx("<w:p>")[:400], docx("<w:p>"),
     docx("").replace(b"word/document.xml", b"word/dokument.xml"), docx("<w:p>" * 3_000 + "</w:p>" * 3_000)],
)  # fmt: skip
def test_a_broken_word_document_is_named(data: bytes) -> None:
    refused(data, "broken.docx")


def test_xml_entities_in_a_word_document_are_refused() -> None:
    evil = docx(paragraph("x"), word__comments__xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    renamed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(evil)) as old, zipfile.ZipFile(renamed, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename.replace("comments/xml", "comments.xml"), old.read(member))
    assert "entities" in refused(renamed.getvalue(), "evil.docx")


@pytest.mark.parametrize(
    "text",
    ["question,answer,language,tags,audience\nHow long?,\"Three days, or\nfour.\",en,\"a,b\",agents\n",
     "Frage;Antwort;Sprache;tags;audience;Spalte\n\nHow long?;\"Three days, or\nfour.\";en;a,b;agents;x\n",
     "id\ttitle\ttext\tlanguage\ttags\taudience\n\tHow long?\t\"Three days, or\nfour.\"\ten\ta,b\tagents\n"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_all_kinds(text: str, encoding: str) -> None:
    document = one(text.replace("\n", "\r\n").encode(encoding), "faq.csv")
    assert (document.title, document.body, document.language) == ("How long?", "Three days, or\nfour.", "en")
    assert (document.tags, document.said) == (("a", "b"), {"audience": "agents"})


@pytest.mark.parametrize(
    ("text", "where"),
    [("a,b\n1,2\n", "columns"), ("", "columns"), ("id,text\n1,x\n1,y\n", "line 3: this id"),
     ('id,text\n1,"x\n', "line 2"), ("id,text\n1,x,y\n", "line 2: more cells"),
     ("id,title,text\n1,,\n", "line 2: there is neither"), ("id,text,valid_from\n1,x,soon\n", "line 2: 'valid_from'")],
)  # fmt: skip
def test_a_bad_table_is_named_with_its_line(text: str, where: str) -> None:
    assert where in refused(text.encode(), "faq.csv")


def test_long_and_large_files_are_named(tmp_path: Path) -> None:
    assert "longer than 500,000" in refused(b"word " * 400_000, "long.md")
    assert "longer than 500,000" in refused(b"<p>" + b"word " * 400_000, "long.html")
    huge = tmp_path / "huge.html"
    with huge.open("wb") as file:
        file.truncate(500_000_000)  # takes no room and would take minutes to read
    with pytest.raises(InvalidInput, match=r"huge\.html is larger than 10 MB"):
        read_documents(huge, "huge.html")


@pytest.mark.parametrize("mark", ["word ", "*a ", "[a](", "`", "> ", "- ", "| a ", "\n# "])
def test_the_longest_article_is_split_in_bounded_time(mark: str) -> None:
    started = time.process_time()
    parts = split((mark * 500_000)[:400_000], "Long")
    assert all(len(part.text) <= 5_000 for part in parts)
    assert time.process_time() - started < 20


def test_html_is_read_in_bounded_time_and_without_what_is_not_text() -> None:
    for flood in ("<div>" * 400_000, "<!--" * 400_000, "<" * 400_000, "<p>" * 100_000, "<a " + "x " * 400_000):
        started = time.process_time()
        refused(flood.encode(), "flood.html") if flood[1] != "<" else one(flood[:9_000].encode(), "flood.html")
        assert time.process_time() - started < 20
    page = (
        "<title>Shop</title><div role='navigation'>Menu</div><div hidden>Secret</div><p>Text<br>more</p>"
        "<div aria-hidden='true'>x<br><p>y</p></div><dialog>Cookies?</dialog><p>End</p>"
    )
    assert one(page.encode(), "page.html").body == "Text\nmore\n\nEnd"
