"""Descriptions of data that lie elsewhere: files that make a reader open other files, or send requests."""

# ruff: noqa: E501 - the files stand here as they are sent

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

from tests.hostile.archives import packed
from tests.hostile.form import CRS, FILES, NETWORK, NO_NETWORK, PROXY, Form, Loads, Make, Planted, Refused

FAMILY = "Pointers"
EXTENSIONS = (".vrt", ".geojson", ".json", ".csv", ".kml", ".gpkg", ".shp", ".xml", ".txt", ".parquet")


def vrt(source: str, layer: str = "secret", more: str = "") -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="{layer}"><SrcDataSource>{source}</SrcDataSource>{more}'
        f"</OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def _raster_vrt(source: str) -> bytes:
    return (
        '<VRTDataset rasterXSize="8" rasterYSize="8"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    ).encode()


def _wms(url: str) -> bytes:
    return (
        f'<GDAL_WMS><Service name="WMS"><ServerUrl>{url}?</ServerUrl><Layers>a</Layers></Service>'
        "<DataWindow><UpperLeftX>-180</UpperLeftX><UpperLeftY>90</UpperLeftY><LowerRightX>180</LowerRightX>"
        "<LowerRightY>-90</LowerRightY><SizeX>8</SizeX><SizeY>8</SizeY></DataWindow><BandsCount>1</BandsCount></GDAL_WMS>"
    ).encode()


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


def _linked_crs(url: str, **more: object) -> bytes:
    features = [{"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [20, 5]}}]
    crs = {"type": "link", "properties": {"href": url, "type": "proj4", **more}}
    return _json({"type": "FeatureCollection", "crs": crs, "features": features})


def _mbtiles(url: str) -> bytes:
    """Tiles whose metadata name another source."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a")
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        database.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        database.execute(
            "INSERT INTO metadata VALUES ('json', ?)", (json.dumps({"vector_layers": [], "tiles": [url]}),)
        )
        database.commit()
        database.close()
        return file.read_bytes()


# name -> (what it does, how it is made, what it reaches for)
READS_FILES: dict[str, tuple[str, Make]] = {
    "sql.vrt": (
        "VRT that runs SQL over a file",
        lambda p: vrt(p.file("secret.csv"), more="<SrcSQL>SELECT * FROM secret</SrcSQL>"),
    ),
    "sqlite_dialect.vrt": (
        "VRT in the SQLite dialect",
        lambda p: vrt(p.file("secret.csv"), more='<SrcSQL dialect="sqlite">SELECT * FROM secret</SrcSQL>'),
    ),
    "union.vrt": (
        "VRT union",
        lambda p: (
            b'<OGRVRTDataSource><OGRVRTUnionLayer name="u">'
            + vrt(p.file("secret.csv"))[18:-19]
            + b"</OGRVRTUnionLayer></OGRVRTDataSource>"
        ),
    ),
    "relative.vrt": ("VRT with a relative path", lambda p: vrt("../../../../../../../.." + p.file("secret.csv"))),
    "vsizip.vrt": ("VRT through a virtual file system", lambda p: vrt(f"/vsisubfile/0_10000,{p.file('secret.csv')}")),
    "inline.vrt": ("VRT inside of a VRT", lambda p: vrt(vrt(p.file("secret.csv")).decode().replace("<", "&lt;"))),
    "bom.geojson": ("VRT behind a byte-order mark", lambda p: b"\xef\xbb\xbf" + vrt(p.file("secret.csv"))),
    "declared.geojson": (
        "VRT behind an XML declaration",
        lambda p: b"<?xml version='1.0'?>\n<!-- x -->" + vrt(p.file("secret.csv")),
    ),
    "gdalg.json": (
        "GDALG: a command of GDAL's as JSON",
        lambda p: _json(
            {
                "type": "gdal_streamed_alg",
                "command_line": f"gdal vector pipeline ! read {p.file('secret.csv')} ! write streamed",
            }
        ),
    ),
    "gdalg.gdalg.json": (
        "GDALG with its own extension",
        lambda p: _json(
            {
                "type": "gdal_streamed_alg",
                "command_line": f"gdal vector pipeline ! read {p.file('secret.geojson')} ! write streamed",
            }
        ),
    ),
    "raster.vrt": ("raster VRT", lambda p: _raster_vrt(p.file("secret.tif"))),
    "raster_vrt.tif": ("raster VRT that is named .tif", lambda p: _raster_vrt(p.file("secret.tif"))),
    "index.gti": (
        "tile index of rasters",
        lambda p: (
            f"<GDALTileIndexDataset><IndexDataset>{p.file('secret.geojson')}</IndexDataset></GDALTileIndexDataset>".encode()
        ),
    ),
    "mapinfo.tab": (
        "MapInfo table over another file",
        lambda p: f'!table\n!version 300\nDefinition Table\n  File "{p.file("secret.csv")}"\n  Type ASCII\n'.encode(),
    ),
    "envi.hdr": ("ENVI header", lambda p: b"ENVI\nsamples = 8\nlines = 8\nbands = 1\ndata type = 1\n"),
    "idrisi.vct": ("Idrisi vector", lambda p: b"\x01" + b"\0" * 300),
    "edigeo.thf": (
        "Edigeo, a table of contents of other files",
        lambda p: b"BOMT 12:E0000A01.THF\nGPSSA01:a\nGDNSA01:" + p.file("secret").encode(),
    ),
    "s57.000": ("S-57, with update files beside it", lambda p: b"015763LE1 0900073   6604" + b"\x1e" * 40),
    "pgdump.sql": ("SQL commands", lambda p: b"COPY t FROM '/etc/passwd';\nCREATE TABLE a (b text);"),
}
SENDS_REQUESTS: dict[str, tuple[str, Make]] = {
    "curl.vrt": ("VRT over HTTP", lambda p: vrt(f"/vsicurl/{p.url('curl.csv')}")),
    "curl.geojson": ("VRT over HTTP in a .geojson", lambda p: vrt(f"/vsicurl/{p.url('curl2.csv')}")),
    "streaming.vrt": ("VRT over streaming HTTP", lambda p: vrt(f"/vsicurl_streaming/{p.url('stream.csv')}")),
    "s3.vrt": ("VRT in a bucket", lambda p: vrt("/vsis3/bucket/secret.csv")),
    "wfs.xml": ("WFS service", lambda p: f"<OGRWFSDataSource><URL>{p.url('wfs')}</URL></OGRWFSDataSource>".encode()),
    "wfs.geojson": (
        "WFS service in a .geojson",
        lambda p: f"<OGRWFSDataSource><URL>{p.url('wfs2')}</URL></OGRWFSDataSource>".encode(),
    ),
    "wfs_url.vrt": ("WFS by connection string", lambda p: vrt(f"WFS:{p.url('wfs3')}")),
    "oapif.vrt": ("OGC API Features", lambda p: vrt(f"OAPIF:{p.url('oapif')}")),
    "csw.vrt": ("CSW catalogue", lambda p: vrt(f"CSW:{p.url('csw')}")),
    "elastic.vrt": ("Elasticsearch", lambda p: vrt(f"ES:{p.url('es')}")),
    "wms.tif": ("WMS service that is named .tif", lambda p: _wms(p.url("wms"))),
    "wms.xml": ("WMS service", lambda p: _wms(p.url("wms2"))),
    "wmts.xml": (
        "WMTS service",
        lambda p: (
            f"<GDAL_WMTS><GetCapabilitiesUrl>{p.url('wmts')}</GetCapabilitiesUrl><Layer>a</Layer></GDAL_WMTS>".encode()
        ),
    ),
    "wcs.xml": (
        "WCS service",
        lambda p: (
            f"<WCS_GDAL><ServiceURL>{p.url('wcs')}?</ServiceURL><CoverageName>a</CoverageName></WCS_GDAL>".encode()
        ),
    ),
    "raster_curl.tif": ("raster VRT over HTTP", lambda p: _raster_vrt(f"/vsicurl/{p.url('a.tif')}")),
    "mapml.mapml": (
        "MapML",
        lambda p: (
            f'<mapml- xmlns="http://www.w3.org/1999/xhtml/"><map-body><map-link rel="features" href="{p.url("mapml")}"/></map-body></mapml->'.encode()
        ),
    ),
    "ogcapi.moaw": ("OGC API description", lambda p: f"<OGCAPI><URL>{p.url('ogcapi')}</URL></OGCAPI>".encode()),
    "gml.gml": (
        "GML whose schema lies elsewhere",
        lambda p: (
            '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="http://a {p.url("a.xsd")}"><gml:featureMember xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'xlink:href="{p.url("gml")}"/></gml:FeatureCollection>'
        ).encode(),
    ),
    "tiles.mbtiles": ("MBTiles with another source", lambda p: _mbtiles(p.url("tiles"))),
}
JSON_KINDS: dict[str, tuple[str, Make]] = {
    "esri.json": (
        "an ESRI service's answer that promises more pages",
        lambda p: _json(
            {
                "displayFieldName": "a",
                "geometryType": "esriGeometryPoint",
                "exceededTransferLimit": True,
                "fields": [{"name": "a", "type": "esriFieldTypeString"}],
                "features": [{"attributes": {"a": "x"}, "geometry": {"x": 20, "y": 5}}],
            }
        ),
    ),
    "topology.geojson": (
        "TopoJSON",
        lambda p: _json(
            {
                "type": "Topology",
                "objects": {
                    "a": {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [20, 5]}]}
                },
                "arcs": [],
            }
        ),
    ),
    "stac.json": (
        "STAC items that lie elsewhere",
        lambda p: _json(
            {
                "type": "FeatureCollection",
                "stac_version": "1.0.0",
                "features": [],
                "links": [{"rel": "next", "href": p.url("stac")}],
            }
        ),
    ),
    "plscenes.json": (
        "Planet scenes",
        lambda p: _json({"type": "FeatureCollection", "features": [], "_links": {"_next": p.url("planet")}}),
    ),
    "vega.json": (
        "a description of a chart with its data elsewhere",
        lambda p: _json({"data": {"url": p.url("vega")}, "mark": "geoshape"}),
    ),
    "tilejson.json": ("TileJSON", lambda p: _json({"tilejson": "2.0.0", "tiles": [p.url("{z}/{x}/{y}")]})),
}
CRS_TRICKS: dict[str, tuple[str, Make]] = {
    "crs_link.geojson": ("crs that is a link", lambda p: _linked_crs(p.url("crs"))),
    "crs_link_file.geojson": ("crs that is a link to a file", lambda p: _linked_crs(f"file://{p.file('secret.csv')}")),
    "crs_link_esri.geojson": ("crs that is a link to WKT", lambda p: _linked_crs(p.url("crs2"), type="esriwkt")),
    "crs_name_url.geojson": ("crs whose name is an address", lambda p: _named_crs(p.url("crs3"))),
    "crs_name_file.geojson": ("crs whose name is a file", lambda p: _named_crs(p.file("secret.csv"))),
    "crs_name_import.geojson": (
        "crs whose name is a URN elsewhere",
        lambda p: _named_crs("urn:ogc:def:crs:http://127.0.0.1/crs"),
    ),
    "crs_proj_grid.geojson": (
        "crs that names a grid of the machine",
        lambda p: _named_crs(f"+proj=utm +zone=34 +nadgrids={p.file('secret.csv')}"),
    ),
    "crs_proj_init.geojson": (
        "crs that reads a file of definitions",
        lambda p: _named_crs(f"+init={p.file('secret.csv')}:1"),
    ),
    "crs_pipeline.geojson": (
        "crs that is a pipeline",
        lambda p: _named_crs(f"+proj=pipeline +step +proj=hgridshift +grids={p.file('secret.csv')}"),
    ),
    "crs_number.geojson": (
        "crs that is a number",
        lambda p: _linked_crs("").replace(b'{"type": "link"', b'{"type": 5'),
    ),
    "crs_long.geojson": ("crs with a name of a megabyte", lambda p: _named_crs("A" * 1_000_000)),
    "crs_unknown.geojson": ("crs with a number that does not exist", lambda p: _named_crs("EPSG:999999")),
}


def _named_crs(name: str) -> bytes:
    return _linked_crs("").replace(
        b'{"type": "link", "properties": {"href": "", "type": "proj4"}}',
        _json({"type": "name", "properties": {"name": name}}),
    )


def _zipped(make: Make, name: str) -> Make:
    return lambda planted: packed((name, make(planted)))


def forms() -> list[Form]:
    """Every form of this family."""
    made = [
        Form(
            FAMILY,
            f"vrt_named{extension}",
            f"VRT over a file, named {extension}",
            _vrt_of("secret.csv"),
            stopped_by=FILES,
        )
        for extension in EXTENSIONS
    ]
    made += [
        Form(
            FAMILY,
            f"zipped_vrt{extension}.zip",
            f"VRT over a file, zipped as {extension}",
            _zipped(_vrt_of("secret.csv"), f"a{extension}"),
            stopped_by=FILES,
        )
        for extension in (".vrt", ".geojson", ".csv", ".gpkg", ".shp")
    ]
    made += [
        Form(FAMILY, file, attempt, make, READ_AS_TEXT if file == "pgdump.sql" else Refused(), FILES)
        for file, (attempt, make) in READS_FILES.items()
    ]
    made += [Form(FAMILY, file, attempt, make, stopped_by=NETWORK) for file, (attempt, make) in SENDS_REQUESTS.items()]
    made += [
        Form(FAMILY, f"zipped_{file}.zip", f"{attempt}, zipped", _zipped(make, file), stopped_by=NETWORK)
        for file, (attempt, make) in SENDS_REQUESTS.items()
        if file in ("curl.geojson", "wfs.geojson", "wms.tif")
    ]
    made += [Form(FAMILY, file, attempt, make, stopped_by=NETWORK) for file, (attempt, make) in JSON_KINDS.items()]
    refused = Refused(("unreadable_file", "no_crs"))
    made += [
        Form("CRS", file, attempt, make, refused, (CRS, *NO_NETWORK, PROXY))
        for file, (attempt, make) in CRS_TRICKS.items()
    ]
    return made


READ_AS_TEXT = (Refused(), Loads(1))


def _vrt_of(file: str) -> Make:
    def make(planted: Planted) -> bytes:
        return vrt(planted.file(file))

    return make
