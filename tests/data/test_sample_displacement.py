"""Six rounds, 45 sites, 210 flows."""

from __future__ import annotations

from data.scenario.displacement import CLOSED_IN_6, OPENED_IN_6

COAST = {f"S-{i:02d}" for i in range(1, 15)}


def wide(sites):
    return sites.pivot(index="site_id", columns="reporting_round", values="population")


def test_totals_by_round(read):
    totals = wide(read("idp-sites")).sum()
    assert list(totals) == [96_000, 109_500, 123_000, 141_000, 184_000, 212_000]


def test_mix_of_sites_and_states_in_round_6(read):
    sites = read("idp-sites")
    last = sites[sites["reporting_round"] == "6"]
    assert len(last) == 45
    assert last["site_type"].value_counts().to_dict() == {
        "host_community": 18, "informal": 12, "collective_centre": 9, "planned_camp": 6,
    }  # fmt: skip
    assert last["assessment_status"].value_counts().to_dict() == {"assessed": 40, "not_assessed": 3, "closed": 2}
    assert set(last.loc[last["assessment_status"] == "closed", "site_id"]) == set(CLOSED_IN_6)
    assert set(sites["site_id"]) - set(sites.loc[sites["reporting_round"] == "5", "site_id"]) == set(OPENED_IN_6)
    missing = sites["assessment_status"] == "not_assessed"
    assert sites.loc[missing, ["population", "households"]].isna().all().all()
    known = sites["population"].fillna(0) > 0
    assert (sites.loc[known, "households"] < sites.loc[known, "population"]).all()


def test_s12_and_s29(read):
    figures = wide(read("idp-sites"))
    assert figures.loc["S-12", "6"] - figures.loc["S-12", "5"] == 3_200
    assert figures.loc["S-29", "5"] == 4_100
    assert figures.isna().loc["S-29", "6"]


def test_wave_to_the_coast_and_returns_in_the_north(read):
    figures = wide(read("idp-sites"))
    coast = figures.loc[sorted(COAST)].sum()
    assert coast["5"] - coast["4"] == 38_000
    flows = read("idp-flows")
    assert len(flows) == 210
    sites = read("idp-sites").drop_duplicates("site_id").set_index("site_id")
    wave = flows[(flows["start_date"] == "2026-05-12") & (flows["end_date"] == "2026-06-11")]
    assert wave["population"].sum() == 38_000
    assert set(wave["destination_code"]) <= set(sites.loc[sorted(COAST), "admin2_code"])
    returns = flows[flows["population_group"] == "returnee"]
    assert returns["population"].sum() == 14_000
    assert set(returns["admin1_code"]) == {"XO01"}
    floods = flows[flows["displacement_reason"] == "Flood"]
    assert set(floods["origin_admin1_code"]) == {"XO04"}
    assert (flows["origin_name"] != flows["destination_name"]).all()
    assert flows["end_date"].max() <= "2026-11-12"
