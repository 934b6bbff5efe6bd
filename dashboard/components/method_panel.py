"""An analysis without a page of its own: controls, map and a plain table follow from its Method."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.method import Method, Result
from dashboard import cache
from dashboard.components import controls, look
from dashboard.components.downloads import downloads
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.page import Page
from dashboard.maps import DrawnLayer, LegendItem


def method_panel(method: Method, page: Page) -> None:
    """Ask, answer, draw, list, download."""
    question = controls.question(method, page)
    if question is None:
        return
    result = cache.answer(question)
    st.html(
        f'<div class="o-sentence">{look.text(method.question)}</div>'
        f'<div class="o-muted">{look.text(figures(result))} {look.text(" ".join(result.limits))}</div>'
    )
    downloads(question, "Download")
    shapes = tuple(
        DrawnLayer(result_url(question, name), name, "ring", "accent", interactive=False) for name in result.shapes
    )
    legend = tuple(LegendItem("ring", "accent", f"{name} ({len(frame):,})") for name, frame in result.shapes.items())
    asked = [(i, q) for i in page.infos for q in question.inputs.values() if i.ref == q.ref]
    map_panel(
        scene_of(page.infos, asked, extra=shapes, extra_legend=legend),
        page.infos,
        [q for _, q in asked],
        key=f"{method.id}.map",
        height=440,
    )
    st.dataframe(plain_table(result.rows), hide_index=True, height=260)


def figures(result: Result) -> str:
    """The plain figures of the summary in words."""
    stated = [
        f"{name.replace('_', ' ')} {value:,}"
        for name, value in result.summary.items()
        if isinstance(value, int | float)
    ]
    return f"{', '.join(stated)}." if stated else ""


def plain_table(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Rows without geometry, headers in words."""
    table = pd.DataFrame(rows.drop(columns=rows.geometry.name))
    return table.rename(columns=lambda name: str(name).replace("_", " "))
