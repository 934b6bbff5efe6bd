"""Columns about persons: key informants, enumerators, telephones, identity numbers.

They are told by header (English, French, Spanish, Arabic), by HXL tag, and by content
where most cells are e-mail addresses or telephone numbers; in cells of JSON by what
stands inside. Such columns are left out whole, before anything is kept. Organisations,
places, actors and posts are no persons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.kind import normalise
from layers.report import Finding
from layers.schema import ATTRIBUTE_PREFIX
from loaders.account import Account
from loaders.raw import RawLayer

SAMPLE = 400
MOST_CELLS = 0.5
FREE_TEXT = 20  # letters on average from which a column is read as free text
ROWS_LISTED = 20

# All of these are matched against headers that `normalise` has folded: no case, no accents.
ROLES = (
    r"key informants?|informants?|enumerators?|interviewers?|interviewees?|respond[ae]nts?|respondees?|surveyors?|"
    r"focal (?:points?|persons?)|contact persons?|data collectors?|head of (?:the )?(?:household|family)|"
    r"household head|hoh|beneficiary names?|(?:victim|survivor|reporter|manager|chief|leader|sheikh|representative|"
    r"father|mother|spouse|guardian|doctor|teacher|driver|staff|person|owner|supervisor|patient|child|children|student|"
    r"pupil|agent)s? names?|"
    r"names? of (?:the )?(?:victim|survivor|reporter|manager|chief|leader|sheikh|representative|person|head|"
    r"supervisor|patient|child|student|pupil|agent|contact|beneficiary|ki)|"
    r"ki ?\d* names?|field agents?|agents? (?:recenseurs?|enqueteurs?|de (?:collecte|saisie|terrain))|"
    r"enqueteurs?|enquetrices?|enquetes?|repondants?|informateurs?|interlocuteurs?|points? focal|"
    r"points? focaux|personnes? (?:de )?(?:contact|ressource)|chef (?:de )?menage|"
    r"noms? (?:de la |de l |du |d un )?(?:victime|chef|agent|superviseur|contact|patient|enfant|eleve|responsable)|"
    r"encuestador(?:es|as?)?|encuestad[oa]s?|entrevistador(?:es|as?)?|entrevistad[oa]s?|informantes?|punto focal|"
    r"personas? de contacto|jefe de(?:l)? hogar|"
    r"المخبر|المستجيب|المستجوب|الباحث|جامع البيانات|جامعي البيانات|نقطة الاتصال|شخص الاتصال|الشخص المسؤول|رب الاسرة|"
    r"مقدم المعلومات|مزود المعلومات"
)
# Words beside a role that make it a count, a class or a post instead of a person.
NO_PERSON = re.compile(
    r"\b(?:number of|no of|count|nb|nombre (?:de|d)|total|numero de (?:encuestad|informant)\w+|عدد|types?|gender|"
    r"sex|sexe|sexo|organi[sz]ations?|organisme|organizacion|agency|agence|org|ngo|ong|posts?|poste|role|"
    r"fonction|cargo|language|langue|consent|available|relation|relationship)\b|^#"
)
# Posts that one person holds, at the end of a short header: "community leader", "chief of village".
NO_QUESTION = r"(?!(?:is|are|was|has|have|does|do|any|if)\b)"
POSTS = (
    r"(?:leader|chief|supervisor|superviseur|(?:camp|site) manager|"
    r"chef d[eu] (?:la )?(?:village|quartier|site|camp|bloc))(?: of (?:the )?(?!operation|mission)\w+)?(?: \d+)?"
)
PERSON = re.compile(
    rf"\b(?:{ROLES})\b|"
    r"\b(?:first|last|full|family|given|middle|maiden) names?\b(?! of)|\bsurnames?\b|\bprenoms?\b|"
    r"\bnom (?:de famille|complet)\b|\bnoms? et prenoms?\b|\bapellidos?\b|\bnombres? completos?\b|"
    r"\bnombres y apellidos\b|"
    r"الاسم الكامل|الاسم الاول|الاسم الثلاثي|اسم العائلة|اسم الاب|اسم الام|"
    r"^contacts?(?: (?:names?|persons?|numbers?|no|details?|info|information|phones?|e ?mails?|detail))?$|"
    rf"^ki ?\d*$|^agent(?: \d+)?$|^(?:{NO_QUESTION}\w+ ){{0,2}}{POSTS}$|"
    r"^contactos?\b|^(?:(?:site|camp|local|field|main|primary|secondary|emergency|alternative) )?contact\b"
    r"(?! (?:lines?|zones?|points?|groups?|lists?|tracing|traced|with|date|rate))"
)
REACH = re.compile(
    r"(?<!number of )(?<!no of )(?<!nombre de )"
    r"(?:\b(?:tele)?phones?\b(?! (?:coverage|network|lines?|towers?|shops?|access))|"
    r"\btel\b|\btels?\b|\btelephones?\b|\btelephoniques?\b"
    r"|\btelefonos?\b|\bcelular(?:es)?\b|\bwhats ?app\b|\bgsm (?:no|number)\b|\bphone ?number\b|"
    r"^(?:mobiles?|moviles|movil|portable)(?: (?:no|nr|num|number|numero|phone))?$|"
    r"\bmobile (?:no|number|phone)\b|\bcell ?phones?\b|"
    r"\be ?mails?\b|\bcourriels?\b|\bcorreos? electronicos?\b|^correos?$|\badresse mail\b|^mail$|"
    r"\bskype\b|هاتف|الهاتف|تلفون|تليفون|جوال|الجوال|موبايل|واتساب|رقم التواصل|البريد الالكتروني|ايميل)"
)
IDENTITY = re.compile(
    r"\bnational id(?:entity|entification)?\b|\bnin\b|\bidentity (?:cards?|no|numbers?|documents?)\b|\bid cards?\b|"
    r"\bpassports?\b|\bpasseports?\b|\bpasaportes?\b|\bration cards?\b|\bvoter (?:cards?|id)\b|\bcni\b|"
    r"\bcarte (?:d )?(?:identite|nationale|ration|electeur)\b|\bcartes? de ration\b|\bpieces? d identite\b|"
    r"\bcedulas?\b|^dni$|\bdocumento de identidad\b|\bsocial security\b|\b(?:driver|driving) licen[cs]e\b|"
    r"رقم الهويه|رقم الهوية|بطاقة الهوية|الرقم الوطني|جواز السفر|رقم الجواز|بطاقة التموين|"
    r"\bdate of birth\b|^dob$|\bbirth ?dates?\b|\bbirthdays?\b|\bdate de naissance\b|\bfecha de nacimiento\b|"
    r"تاريخ الميلاد|"
    r"^usernames?$|^user names?$|\bdevice ?id\b|\bsubscriber ?id\b|\bsim ?(?:serial|id)\b|\bimei\b|"
    r"\b(?:submitted|collected|entered|interviewed|surveyed|uploaded|edited|created|filled) by\b|^creator$|^editor$|"
    r"\bsubmitter\b|\blast edited user\b|\bcreated user\b"
)
HXL = re.compile(
    r"#contact\b|#(?:respondee|respondent|interviewer|enumerator)\b|\+(?:phone|email|contact|enumerator)\b"
)
# What a form's server adds of its users, by exact name: photos stand there with the user in their address.
OF_SERVER = re.compile(r"(?:^|/)_(?:attachments|notes|submitted_by|validation_status)(?![^\W_])")
# Lists of people in one cell, each with a name.
PEOPLE = re.compile(
    r"\b(?:members?|famil(?:y|ies)|team|staff|people|persons?|beneficiar(?:y|ies)|children|patients|students)\b"
)
NAME = re.compile(r"names?|noms?|nombres?|الاسم|اسم")
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"?(\s{0,9}:)?')  # a text of JSON, and whether it is a key
LONGEST_CELL = 20_000  # letters of a cell of JSON that are looked at
# An identifier of a record may look like a telephone number.
NUMBERS = re.compile(r"\b(?:id|ids|code|codes|pcode|uuid|fid|gid|objectid|number|no|ref|key)\b")

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+$")
LOCAL_PHONE = re.compile(r"0[1-9](?:[ .\-/]?\d){7,9}$")
WORLD_PHONE = re.compile(r"(?:\+|00)[1-9][\d ().\-/]{6,18}$")
# RE2, inside free text: an address, a number with its country, or digits after a word for telephone.
IN_TEXT = (
    r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}"
    r"|(?:^|[\s:(,;/])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){7,13}(?:\D|$)"
    r"|(?i:\b(?:tel|phone|telephone|téléphone|whatsapp|mobile|gsm|cell)\b"
    r"[\w .:#°-]{0,12}[ .:]\(?\d(?:[ ().-]{0,2}\d){5,12})"
    r"|(?:هاتف|جوال|موبايل|تلفون)[^\d]{0,12}\d(?:[ .-]?\d){5,12}"
)

TAG = r"<[^<>]*>"
# In a title: what follows such words names a person, up to the next separator or figure.
GAP = r"[\s_]{1,3}"
BY = re.compile(
    rf"(?<![^\W_])((?:(?:prepared|compiled|produced|written|submitted|collected|drafted){GAP}by"
    rf"|(?:pr[ée]par[ée]e?|[ée]labor[ée]e?|compil[ée]e?|r[ée]dig[ée]e?){GAP}par|(?:elaborado|preparado){GAP}por"
    rf"|points?{GAP}focal|focal{GAP}(?:point|person)|author|auteur|إعداد|اعداد"
    rf"|(?<!of )(?<!of_)(?:contact(?:{GAP}(?:person|name))?"
    rf"(?!{GAP}(?:lines?|zones?|points?|groups?|lists?|tracing|details?|org\w*|agenc\w+))|contacts(?=\s{0, 3}:)))"
    r"(?:\s{0,3}[:=]\s{0,3}|[\s_]{1,3}))(?:(?! [-–—] )[^,;|()\n\t/\d])*[^\s_,;|()/\d]",
    re.IGNORECASE,
)
IN_TITLE = re.compile(
    r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+|(?<!\d)(?:\+[1-9]|00[1-9]\d\d)(?:[ ().-]{0,2}\d){6,13}(?!\d)"
    r"|(?<!\d)(?<!\d[./-])(?!\d{1,2}[ ./-]\d{1,2}[ ./-](?:19|20)\d\d)0[1-9](?:[ .-]?\d){7,9}(?!\d)"
    r"|(?P<word>(?i:tel|phone|téléphone|whatsapp|mobile)[ .:_]{1,3})\(?\d(?:[ ().-]{0,2}\d){5,12}(?!\d)"
)


def without_personal_text(text: str) -> str:
    """A title or the name of a layer without telephone numbers, e-mail addresses and who prepared it.

    What is taken out leaves "…".

    >>> without_personal_text("IDPs, prepared by Jane Doe +249 912 345 678, 3 April 2025")
    'IDPs, prepared by …, 3 April 2025'
    """
    return BY.sub(r"\1…", IN_TITLE.sub(lambda found: f"{found['word'] or ''}…", text))


def personal_columns(raw: RawLayer, allowed: Collection[str] = frozenset()) -> tuple[str, ...]:
    """Columns of a raw layer that speak of persons, in their order.

    Parameters
    ----------
    allowed : collection of str
        Headers that may be stored all the same, in any spelling that folds to the same.
    """
    kept = {normalise(header) for header in allowed}
    tags = raw.hxl or ("",) * len(raw.columns)
    return tuple(
        header
        for header, tag, cells in zip(raw.columns, tags, raw.cells, strict=True)
        if normalise(header) not in kept
        and (_named(header) or _tagged(tag) or _filled_so(header, cells) or _holds_people(header, cells))
    )


def without_columns(raw: RawLayer, names: Iterable[str]) -> RawLayer:
    """The layer without these columns, and without what findings repeat of their cells."""
    left = frozenset(names)
    if not left:
        return raw
    kept = [i for i, header in enumerate(raw.columns) if header not in left]
    return replace(
        raw,
        columns=tuple(raw.columns[i] for i in kept),
        cells=[raw.cells[i] for i in kept],
        hxl=tuple(raw.hxl[i] for i in kept) if raw.hxl else (),
        numeric=tuple(c for c in raw.numeric if c not in left),
        findings=[_silent(f) if f.row is not None and f.field in left else f for f in raw.findings],
    )


def personal_finding(name: str, columns: Collection[str]) -> Finding:
    """Say which columns are not stored; `name` is the file as messages call it."""
    listed = ", ".join(columns)
    return Finding(
        "personal_data",
        "warning",
        f"{name}: {len(columns)} columns hold data about persons and are not stored: {listed}.",
        None,
        None,
        listed,
        "If a column holds no such data, name it in the setting personal_columns_allowed and load the file again.",
    )


def personal_text(texts: pd.DataFrame) -> dict[str, np.ndarray]:
    """Columns of free text with telephone numbers or e-mail addresses in it, and in which cells."""
    found = {str(header): _in_free_text(texts[header]) for header in texts.columns}
    return {header: cells for header, cells in found.items() if cells is not None and cells.any()}


def warn_of_personal_text(in_text: dict[str, np.ndarray], account: Account) -> None:
    """Point at what `personal_text` found, without repeating it."""
    for header, found in in_text.items():
        rows = np.unique(account.rows[found]).tolist()
        more = f" and {len(rows) - ROWS_LISTED} more" if len(rows) > ROWS_LISTED else ""
        account.note(
            "personal_in_text",
            f"{header}: the text of {len(rows)} rows seems to hold telephone numbers or e-mail addresses.",
            severity="warning",
            field=header,
            found=f"rows {', '.join(map(str, rows[:ROWS_LISTED]))}{more}",
            remedy="Take them out at the source; the text is stored as it was sent.",
        )


@lru_cache(maxsize=4096)
def _named(header: str) -> bool:
    """Whether a header means persons."""
    own = header.removeprefix(ATTRIBUTE_PREFIX)
    folded = normalise(own.rsplit("/")[-1])
    if OF_SERVER.search(own):
        return True
    if REACH.search(folded) or IDENTITY.search(folded):
        return True
    return bool(PERSON.search(folded)) and not NO_PERSON.search(folded)


def _tagged(tag: str) -> bool:
    return bool(tag) and bool(HXL.search(tag.replace(" ", "").lower()))


def _filled_so(header: str, cells: pa.Array) -> bool:
    """Whether most cells of a column are e-mail addresses or telephone numbers."""
    return _reaches(header, _sample(cells))


def _reaches(header: str, sample: Collection[str]) -> bool:
    """Whether most of these texts are e-mail addresses or telephone numbers."""
    mail = sum(bool(EMAIL.match(cell)) for cell in sample)
    if sample and mail > MOST_CELLS * len(sample):
        return True
    numbers = sum(bool(WORLD_PHONE.match(cell)) and _is_phone(cell) for cell in sample)
    if not NUMBERS.search(normalise(header)):
        numbers += sum(bool(LOCAL_PHONE.match(cell)) for cell in sample)
    return numbers > MOST_CELLS * len(sample)


def _holds_people(header: str, cells: pa.Array) -> bool:
    """Whether cells of JSON have keys about persons, or telephone numbers or e-mail addresses under a key."""
    words = cells.dictionary if pa.types.is_dictionary(cells.type) else cells
    nested = pc.or_(pc.starts_with(words, "{"), pc.starts_with(words, "["))
    if not pc.any(nested).as_py():
        return False
    inside = _inside(header, _sample(words.filter(nested)))
    of_people = bool(PEOPLE.search(normalise(header)))
    return any(
        _named(key) or (of_people and bool(NAME.fullmatch(normalise(key.rsplit("/")[-1])))) or _reaches(key, texts)
        for key, texts in inside.items()
    )


def _inside(header: str, documents: Iterable[str]) -> dict[str, list[str]]:
    """The texts in cells of JSON by their key, at any depth; those of bare lists by the header.

    It reads no structure, so that neither depth nor a cell that was cut short matters.
    """
    found: dict[str, list[str]] = {header: []}
    for document in documents:
        key = header
        for text, colon in TOKEN.findall(document[:LONGEST_CELL]):
            plain = _unescaped(text) if "\\" in text else text
            if colon:
                key = plain
                found.setdefault(key, [])
            else:
                found[key].append(plain.strip())
    return found


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _sample(cells: pa.Array) -> list[str]:
    """Filled cells, evenly taken, trimmed."""
    filled = pc.indices_nonzero(pc.is_valid(cells))
    taken = filled.take(pa.array(np.linspace(0, len(filled) - 1, min(SAMPLE, len(filled))).astype(np.int64)))
    trimmed = (str(cell).strip() for cell in cells.take(taken).to_pylist())
    return [cell for cell in trimmed if cell]


def _is_phone(text: str) -> bool:
    import phonenumbers  # slow to import, and seldom needed

    try:
        number = phonenumbers.parse("+" + re.sub(r"^(?:\+|00)", "", text), None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def _in_free_text(column: pd.Series) -> np.ndarray | None:
    """Which cells hold such text; None where the column is no free text."""
    sample = column.iloc[:: max(1, len(column) // SAMPLE)].dropna()
    if not len(sample) or sample.str.len().mean() < FREE_TEXT:
        return None
    cells = pa.array(column, type=pa.large_string(), from_pandas=True)
    found = pc.match_substring_regex(cells, IN_TEXT)
    if pc.any(pc.match_substring(cells, "<")).as_py():  # a number may stand right behind a tag
        found = pc.or_(found, pc.match_substring_regex(pc.replace_substring_regex(cells, TAG, " "), IN_TEXT))
    found = pc.fill_null(found, False)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def _silent(finding: Finding) -> Finding:
    where = f"row {finding.row}, {finding.field}"
    return replace(finding, message=f"{where}: {finding.code.replace('_', ' ')}. {finding.remedy}", found="")
