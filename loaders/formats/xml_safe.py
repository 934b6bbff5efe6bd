"""XML from strangers, element by element: no DOCTYPE, no entities, bounded depth and text.

Names are taken as they are written: many files use a prefix that they never declare, and
no namespace decides anything here. `Element.local` is the name without its prefix.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layers.errors import TooLarge, UnreadableFile
from layers.report import Finding
from loaders.formats.encoding import encoding_of

MAX_DEPTH = 64
MAX_TEXT = 50_000_000  # characters of one element: a coastline has a few million
MAX_ATTRIBUTES = 500
CHUNK = 262_144
DECLARED = re.compile(rb"""^[^<]{0,16}<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
# The first element, whatever stands above it.
ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")
ABOVE_ROOT = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
# Characters that no XML may hold, whatever its encoding.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MARKS = re.compile(r"<!\[CDATA\[|\]\]>|&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
LONGEST_MARK = 12
DECLARATION = re.compile(r"<\?xml\s.*?\?>|\ufeff", re.DOTALL)
REMEDY = "Export or copy the file again."


@dataclass(slots=True)
class Element:
    """One element: its name as written and without its prefix, attributes, text and children."""

    name: str
    local: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def every(self, local: str) -> list[Element]:
        """The children of this name."""
        return [child for child in self.children if child.local == local]

    def first(self, local: str) -> Element | None:
        """The first child of this name."""
        return next((child for child in self.children if child.local == local), None)

    def text_of(self, local: str) -> str | None:
        """Trimmed text of the first child of this name; None when it is absent or blank."""
        child = self.first(local)
        return (child.text.strip() or None) if child else None

    def below(self) -> Iterator[Element]:
        """Every element inside it, in the order of the file."""
        for child in self.children:
            yield child
            yield from child.below()


def root_of(head: bytes) -> str:
    """Name of the first element without its prefix, "" when there is none.

    Parameters
    ----------
    head : bytes
        The beginning of the file.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", errors="ignore").encode()
    elif b"\x00" in head[:4]:
        head = head.replace(b"\x00", b"")
    rest = ABOVE_ROOT.sub(b"", head).lstrip(b"\xef\xbb\xbf \t\r\n")
    found = ROOT.match(rest)
    return found[1].decode("ascii", errors="replace") if found else ""


def elements(
    path: Path, name: str, wanted: frozenset[str], findings: list[Finding], *, several_roots: bool = False
) -> Iterator[tuple[Element, tuple[Element, ...]]]:
    """Every complete element of a wanted name, with the elements that hold it, outermost first.

    A wanted element inside another wanted one comes as its child. The holders have
    their other children as far as they were read, and never the wanted ones, so that
    memory stays small.

    Parameters
    ----------
    wanted : frozenset of str
        Names without prefix.
    findings : list of Finding
        Takes what had to be changed before the text could be read.
    several_roots : bool
        Whether documents may follow each other in the file; the outermost holder is
        then our own.

    Raises
    ------
    UnreadableFile
        When it is no XML, cut short, or has a DOCTYPE.
    TooLarge
        When it is nested too deeply, or an element has too much text.
    """
    from xml.sax import SAXParseException

    from defusedxml.common import DefusedXmlException  # slow to import
    from defusedxml.expatreader import create_parser

    parser: Any = create_parser(forbid_dtd=True)
    builder = _Builder(name, wanted, parser)
    parser.setContentHandler(builder)
    texts = _sound_text(path, name, findings)
    at_end = doctype = False
    try:
        if several_roots:
            content = DECLARATION.sub("", "".join(texts))
            doctype = re.search("<!DOCTYPE", content, re.IGNORECASE) is not None
            texts = iter(["<documents>", content, "</documents>"])
        for text in texts:
            at_end = several_roots and text == "</documents>"
            parser.feed(text)
            yield from builder.complete()
        at_end = True
        parser.close()
    except SAXParseException as error:
        if doctype:  # which may stand at the very beginning only, and ours is another
            raise _has_doctype(name) from error
        raise UnreadableFile(
            f"{name}, line {error.getLineNumber()}",
            "a file that ends before its XML is complete: it was cut short"
            if at_end
            else f"no XML: {error.getMessage()}",
            "complete XML",
            REMEDY,
        ) from error
    except DefusedXmlException as error:
        raise _has_doctype(name) from error


def _has_doctype(name: str) -> UnreadableFile:
    found = "XML with a DOCTYPE or with entities of its own, which can point at other files"
    remedy = "Remove the <!DOCTYPE ...> lines, or export it again."
    return UnreadableFile(name, found, "XML without a DOCTYPE", remedy)


class _Builder:
    """Makes elements of what the parser tells; the names of its methods are the parser's."""

    def __init__(self, name: str, wanted: frozenset[str], parser: Any) -> None:
        self.name, self.wanted, self.parser = name, wanted, parser
        self.open: list[Element] = []
        self.inside = 0  # how many of the open elements are wanted ones
        self.length = 0
        self.texts: list[list[str]] = []
        self.done: list[tuple[Element, tuple[Element, ...]]] = []

    @property
    def depth(self) -> int:
        return len(self.open)

    def complete(self) -> Iterator[tuple[Element, tuple[Element, ...]]]:
        done, self.done = self.done, []
        yield from done

    def startElement(self, name: str, attributes: Any) -> None:
        if self.depth >= MAX_DEPTH:
            raise TooLarge(self.name, f"XML nested deeper than {MAX_DEPTH}", "flatter XML", REMEDY)
        if len(attributes) > MAX_ATTRIBUTES:
            raise TooLarge(self.name, f"an element with {len(attributes)} attributes", f"{MAX_ATTRIBUTES}", REMEDY)
        local = name.rpartition(":")[2]
        element = Element(name, local, self.parser.getLineNumber(), dict(attributes.items()) if attributes else {})
        self.inside += local in self.wanted
        self.open.append(element)
        self.texts.append([])
        self.length = 0

    def endElement(self, name: str) -> None:
        element = self.open.pop()
        element.text = "".join(self.texts.pop())
        self.length = 0
        found = element.local in self.wanted
        self.inside -= found
        if found and not self.inside:
            self.done.append((element, tuple(self.open)))
        elif self.open:
            self.open[-1].children.append(element)

    def characters(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_TEXT:
            raise TooLarge(self.name, f"text of over {MAX_TEXT} characters", "shorter text", "Split or simplify it.")
        self.texts[-1].append(text)

    def setDocumentLocator(self, locator: Any) -> None:
        """Not needed: the parser itself knows the line."""

    def startDocument(self) -> None:
        """Nothing to do."""

    endDocument = startDocument

    def processingInstruction(self, target: str, data: str) -> None:
        """Left out: a stylesheet and the like."""

    ignorableWhitespace = characters


def _sound_text(path: Path, name: str, findings: list[Finding]) -> Iterator[str]:
    """The file's text, with what no XML may hold put right: stray `&`, control characters."""
    changed, in_cdata, rest, first = 0, False, "", True
    for text in _decoded(path, name, findings):
        if first:  # some writers put blanks, or a mark encoded twice, before the declaration
            text, first = text.lstrip("\ufeffï»¿ \r\n\t"), False
        text, count = FORBIDDEN.subn("\ufffd", rest + text)
        changed += count
        keep = _safe_end(text)
        text, rest = text[:keep], text[keep:]
        text, count, in_cdata = _stray_escaped(text, in_cdata)
        changed += count
        yield text
    text, count, _ = _stray_escaped(rest, in_cdata)
    yield text
    if changed + count:
        findings.append(
            Finding(
                "xml_mended",
                "warning",
                f"{name}: {changed + count} characters that no XML may hold (a bare &, control characters) were"
                " put right so that the file can be read.",
                found=f"{changed + count} characters",
                remedy="Check the texts; write & as &amp;.",
            )
        )


def _safe_end(text: str) -> int:
    """Where a piece may be cut without cutting a mark in two."""
    window = max(0, len(text) - LONGEST_MARK)
    end = min((i for c in "&<]" if (i := text.find(c, window)) >= 0), default=len(text))
    across = (
        mark.start() for mark in MARKS.finditer(text, max(0, end - LONGEST_MARK)) if mark.start() < end < mark.end()
    )
    return min(across, default=end)


def _stray_escaped(text: str, in_cdata: bool) -> tuple[str, int, bool]:
    """`&` that begins no character reference, as `&amp;`; inside CDATA it is plain text."""
    pieces, start, count = [], 0, 0
    for mark in MARKS.finditer(text):
        if mark[0] == "<![CDATA[":
            in_cdata = True
        elif mark[0] == "]]>":
            in_cdata = False
        elif not in_cdata:
            pieces += [text[start : mark.start()], "&amp;"]
            start, count = mark.end(), count + 1
    return "".join([*pieces, text[start:]]), count, in_cdata


def _decoded(path: Path, name: str, findings: list[Finding]) -> Iterator[str]:
    """Text in pieces, in the encoding that it declares where it holds to it."""
    encoding = _encoding(path, name, findings)
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        while text := stream.read(CHUNK):
            yield text


def _encoding(path: Path, name: str, findings: list[Finding]) -> str:
    with path.open("rb") as stream:
        declared = DECLARED.match(stream.read(1024))
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii", b"utf-16"):
        stated = declared[1].decode("ascii")
        try:
            with path.open(encoding=stated):
                return stated
        except LookupError:
            pass  # an encoding of no known name: what the bytes show
    return encoding_of(path, name, findings)
