"""What an earlier file taught is used where it is sure, proposed where it is not, and said."""

from __future__ import annotations

from loaders.drafting import IngestOptions
from loaders.ingest import inspect, publish, review

TABLE = "code,nom,y,x,n\nA,Un,4.1,18.1,100\nB,Deux,4.2,18.2,200\n"
MAPPING = {"code": "site_id", "nom": "name", "y": "latitude", "x": "longitude", "n": "population"}
CHOSEN = IngestOptions(kind="idp_sites", mapping=MAPPING)


def published(access, path, options=CHOSEN, *, confirmed=True):
    (draft,) = inspect(path, access, options)
    return publish(draft, access, review(draft, access), base=draft.base, by="t", note="", confirmed=confirmed)


def codes(draft):
    return {(finding.code, finding.severity) for finding in draft.findings}


def test_the_next_file_of_that_name_is_the_next_version(access, write):
    published(access, write("east_2026-01.csv", TABLE))
    (draft,) = inspect(write("east_2026-02.csv", TABLE), access)
    assert (draft.kind, draft.mapping, draft.layer, draft.base) == ("idp_sites", MAPPING, "east", 1)
    assert draft.remembered
    assert ("mapping_remembered", "info") in codes(draft)


def test_a_file_of_another_name_is_only_proposed_to_a_person(access, write):
    published(access, write("east.csv", TABLE))
    (alone,) = inspect(write("clinics.csv", TABLE), access)
    assert (alone.kind, alone.remembered) == ("", False)
    (looked_at,) = inspect(write("clinics.csv", TABLE), access, IngestOptions(propose=True))
    assert (looked_at.kind, looked_at.layer, looked_at.base) == ("idp_sites", "clinics", None)
    assert looked_at.confidence < 0.5
    assert ("mapping_remembered", "warning") in codes(looked_at)


def test_a_known_source_is_not_overruled_by_another_file(access, write):
    acled = "event_id_cnty,event_date,event_type,sub_event_type,actor1,latitude,longitude,geo_precision,fatalities\n"
    row = "XXX1,2026-10-01,Battles,Armed clash,Group,4.1,18.1,1,0\n"
    published(access, write("odd.csv", acled + row), IngestOptions(kind="other"))
    (draft,) = inspect(write("acled.csv", acled + row), access, IngestOptions(propose=True))
    assert (draft.source, draft.kind) == ("acled", "incidents")


def test_what_nobody_looked_at_is_not_remembered(access, write):
    published(access, write("east.csv", TABLE), confirmed=False)
    (draft,) = inspect(write("east.csv", TABLE), access, IngestOptions(propose=True))
    assert not draft.remembered
