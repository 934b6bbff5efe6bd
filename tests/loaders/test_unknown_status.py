"""A status that is stated and not understood is `unknown`: neither blank nor in use."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.mark.parametrize("kind", ["facilities", "projects", "security_risks"])
def test_a_status_that_is_not_understood_is_unknown_and_its_words_are_kept(take, write, kind):
    text = "id,name,latitude,longitude,status\n1,A,5,20,upside down\n2,B,5,21,\n3,C,5,22,closed\n"
    result = take(write("a.csv", text), kind=kind)
    assert result.frame["status"].iloc[0] == "unknown"
    assert result.frame["src_status"].iloc[0] == "upside down"
    (said,) = [f for f in result.report.findings if f.code == "bad_code"]
    assert (said.row, said.found) == (2, "upside down")
    assert 'taken as "unknown"' in said.message
    if kind != "projects":
        assert pd.isna(result.frame["status"].iloc[1])
    assert result.frame["status"].iloc[2] not in (None, "unknown")
