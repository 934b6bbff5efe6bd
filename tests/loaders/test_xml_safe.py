from __future__ import annotations

import pytest

from layers.errors import LoadError, TooLarge, UnreadableFile
from loaders.formats.xml_safe import elements, root_of


@pytest.fixture
def texts(write):
    """``texts(content, several_roots=False) -> (texts of all <a>, codes of findings)``."""

    def read(content, **options):
        findings = []
        found = [e.text for e, _ in elements(write("x.xml", content), "x.xml", frozenset({"a"}), findings, **options)]
        return found, [f.code for f in findings]

    return read


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<r><a>1 & 2 &nbsp; &lt;</a></r>", (["1 & 2 &nbsp; <"], ["xml_mended"])),
        ("<r><a><![CDATA[<b>&x;</b>]]></a></r>", (["<b>&x;</b>"], [])),
        ("<r><a>bell\x07</a></r>", (["bell\ufffd"], ["xml_mended"])),
        (
            "\n \ufeff<?xml version='1.0'?><r><p:a>prefix that nobody declared</p:a></r>",
            (["prefix that nobody declared"], []),
        ),
        ("<?xml version='1.0' encoding='iso-8859-1'?><r><a>é</a></r>".encode("latin-1"), (["é"], [])),
        ("<?xml version='1.0' encoding='no-such'?><r><a>é</a></r>".encode(), (["é"], [])),
        (
            "<?xml version='1.0' encoding='UTF-8'?><r><a>dépôt</a></r>".encode("cp1252"),
            (["dépôt"], ["encoding_guessed"]),
        ),
        ("<?xml version='1.0' encoding='UTF-16'?><r><a>قرية</a></r>".encode("utf-16"), (["قرية"], [])),
    ],
    ids=["stray &", "CDATA", "control", "prefix", "latin", "unknown encoding", "not UTF-8", "UTF-16"],
)
def test_what_people_send_is_read(texts, content, expected):
    assert texts(content) == expected


@pytest.mark.parametrize("position", [0, 1, 5, 262_140, 262_143, 262_144])
def test_a_mark_across_two_pieces_is_one_mark(texts, position):
    body = "x" * position + " & &amp; <![CDATA[&]]> &"
    found, _ = texts(f"<a>{body}</a>")
    assert found == ["x" * position + " & & & &"]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><r><a>1</a></r>', UnreadableFile, "DOCTYPE"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a>&x;</a></r>', UnreadableFile, "DOCTYPE"),
        ('<!DOCTYPE r [<!ENTITY x "aaaa"><!ENTITY y "&x;&x;">]><r><a>&y;</a></r>', UnreadableFile, "DOCTYPE"),
        ("<r><a>1</a><a>2", UnreadableFile, "cut short"),
        ("<r><a>1</b></r>", UnreadableFile, "line 1.*no XML"),
        ("no XML at all", UnreadableFile, "line 1"),
        ("<r>" * 100, TooLarge, "deeper than 64"),
        ("<r><a " + " ".join(f"b{i}=''" for i in range(600)) + "/></r>", TooLarge, "600 attributes"),
    ],
)
def test_what_is_hostile_or_damaged_is_refused(texts, content, error, said):
    with pytest.raises(error, match=said):
        texts(content)


def test_too_much_text_is_refused(texts, monkeypatch):
    monkeypatch.setattr("loaders.formats.xml_safe.MAX_TEXT", 1_000)
    with pytest.raises(TooLarge, match="1000 characters"):
        texts(f"<a>{'x' * 2_000}</a>")


def test_documents_may_follow_each_other(texts):
    assert texts("<a>1</a><?xml version='1.0'?>\n<a>2</a>", several_roots=True) == (["1", "2"], [])
    with pytest.raises(LoadError, match="cut short"):
        texts("<a>1</a><a>2", several_roots=True)


@pytest.mark.parametrize(
    ("head", "root"),
    [
        (b"<?xml version='1.0'?>\n<!-- <gpx> --><kml xmlns='x'>", "kml"),
        (b"\xef\xbb\xbf<x:gpx>", "gpx"),
        ("<event uid='1'/>".encode("utf-16"), "event"),
        (b"<!DOCTYPE kml [<!ENTITY a 'b'>]><kml>", "kml"),
        (b"a,b\n1,<kml>", ""),
        (b"", ""),
    ],
)
def test_the_first_element_is_found(head, root):
    assert root_of(head) == root
