"""Coordinate systems are taken by code or description; nothing that PROJ would open a file for."""

from __future__ import annotations

import json

import pyproj
import pytest

from layers.errors import NoCrs
from loaders.formats.projection import system_of

UTM = pyproj.CRS.from_epsg(32634)
MERCATOR = pyproj.CRS.from_epsg(3857)


def with_grid() -> str:
    """PROJJSON with a parameter that is the name of a file."""
    described = UTM.to_json_dict()
    described["conversion"]["parameters"].append({"name": "Latitude and longitude difference file", "value": "x.gsb"})
    return json.dumps(described)


@pytest.mark.parametrize(
    "written",
    [
        "EPSG:32634",
        "epsg:32634",
        "urn:ogc:def:crs:EPSG::32634",
        "urn:ogc:def:crs:EPSG:9.8.15:32634",
        "http://www.opengis.net/def/crs/EPSG/0/32634",
        UTM.to_wkt(),
        UTM.to_wkt("WKT1_ESRI"),
        UTM.to_json(),
    ],
)
def test_codes_and_descriptions(written):
    assert system_of(written, "a").to_epsg(min_confidence=25) == 32634


@pytest.mark.parametrize("written", [MERCATOR.to_wkt("WKT1_GDAL"), MERCATOR.to_wkt(), "EPSG:3857"])
def test_web_mercator_whose_wkt_speaks_of_no_grids(written):
    assert system_of(written, "a").to_epsg() == 3857


def test_longitude_and_latitude_by_their_urn():
    assert system_of("urn:ogc:def:crs:OGC:1.3:CRS84", "a").is_geographic


@pytest.mark.parametrize(
    "written",
    [
        "+proj=utm +zone=34 +nadgrids=/tmp/x.gsb",
        "+init=/tmp/x:1",
        "+proj=utm +zone=34",
        "+proj=pipeline +step +proj=hgridshift +grids=/tmp/x",
        "../x.prj",
        "http://127.0.0.1/crs",
        "EPSG:999999",
        "UTM zone 34",
        "",
        "{}",
        "{" * 5_000,
        UTM.to_wkt("WKT1_GDAL").replace(
            "AUTHORITY", 'EXTENSION["PROJ4","+proj=utm +nadgrids=/tmp/x.gsb"],AUTHORITY', 1
        ),
        with_grid(),
        UTM.to_wkt() + " " * 200_000,
    ],
)
def test_what_is_no_code_or_names_a_file_is_refused(written):
    with pytest.raises(NoCrs, match="coordinate system"):
        system_of(written, "a.geojson")
