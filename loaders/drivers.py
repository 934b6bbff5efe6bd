"""Which of GDAL's drivers may open a file: an allowlist, and everything else by name.

GDAL takes a list of drivers to leave out, from the environment, before it is imported;
it knows no list of drivers to keep. So all that the installed copies of GDAL know stand
here by name, and a worker stops when one is left over (a new GDAL brings new drivers).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

ALLOWED_DRIVERS = ("ESRI Shapefile", "FlatGeobuf")
# Of rasterio's own copy of GDAL. MEM opens no file.
ALLOWED_RASTER_DRIVERS = ("GTiff", "MEM")

KNOWN_DRIVERS = (
    "AAIGrid,ACE2,ADBC,ADRG,AIG,AIVector,AVCBin,AVCE00,AirSAR,AmigoCloud,BAG,BIGGIF,BLX,BMP,BSB,BT,BYN,CALS,CEOS,"
    "COASP,COG,COSAR,CPG,CSV,CSW,CTG,CTable2,Carto,DAAS,DERIVED,DGN,DIMAP,DIPEx,DOQ1,DOQ2,DTED,DXF,ECRGTOC,EDIGEO,"
    "EEDA,EEDAI,EHdr,EIR,ELAS,ENVI,ERS,ESAT,ESRI Shapefile,ESRIC,ESRIJSON,Elasticsearch,FAST,FIT,FlatGeobuf,GDALG,"
    "GFF,GIF,GML,GNMDatabase,GNMFile,GPKG,GPSBabel,GPX,GRASSASCIIGrid,GRIB,GS7BG,GSAG,GSBG,GSC,GTFS,GTI,GTX,GTiff,"
    "GXF,GenBin,GeoJSON,GeoJSONSeq,GeoRSS,HDF5,HDF5Image,HF2,HFA,HTTP,ILWIS,IRIS,ISCE,ISG,ISIS2,ISIS3,Idrisi,"
    "JAXAPALSAR,JDEM,JML,JP2OpenJPEG,JPEG,JSONFG,KML,KMLSUPEROVERLAY,KRO,L1B,LAN,LCP,LIBKML,LOSLAS,LVBAG,Leveller,"
    "LIBERTIFF,MAP,MBTiles,MEM,MFF,MFF2,MRF,MSGN,MVT,MapInfo File,MapML,Memory,MiraMonVector,NDF,NGSGEOID,NGW,NITF,"
    "NOAA_B,NSIDCbin,NTv2,NWT_GRC,NWT_GRD,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OZI,OpenFileGDB,PAux,PCIDSK,"
    "PCRaster,PDF,PDS,PDS4,PGDUMP,PLMOSAIC,PLSCENES,PMTiles,PNG,PNM,PRF,R,RIK,RMF,ROI_PAC,RPFTOC,RRASTER,RS2,RST,"
    "Rasterlite,S102,S104,S111,S57,SAFE,SAGA,SAR_CEOS,SDTS,SENTINEL2,SGI,SIGDEM,SNAP_TIFF,SNODAS,SQLite,SRP,SRTMHGT,"
    "STACIT,STACTA,SXF,Selafin,TGA,TIL,TSX,Terragen,TopoJSON,USGSDEM,VDV,VFK,VICAR,VRT,WAsP,WCS,WEBP,WFS,WMS,WMTS,"
    "XLSX,XPM,XYZ,ZMap,Zarr,netCDF"
)


def skipped() -> str:
    """What GDAL_SKIP says to a worker: every known driver but the allowed."""
    return ",".join(sorted(set(KNOWN_DRIVERS.split(",")) - {*ALLOWED_DRIVERS, *ALLOWED_RASTER_DRIVERS}))


class OtherDrivers(RuntimeError):
    """GDAL has drivers that it should not have."""


def allow_only(drivers: Iterable[str], allowed: Iterable[str] = ALLOWED_DRIVERS) -> None:
    """Stop when GDAL has another driver than the allowed: it might read any path.

    Raises
    ------
    OtherDrivers
        Which ends the worker: no file is opened with such a GDAL.
    """
    others = sorted(set(drivers) - set(allowed))
    if others:
        raise OtherDrivers(f"GDAL has other drivers than {', '.join(allowed)}: {', '.join(others[:5])}")


def import_pyogrio() -> Any:
    """Pyogrio with its drivers checked, and without pandas and geopandas, for which it looks at half a second."""
    absent = [name for name in ("geopandas", "pandas") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        import pyogrio
        import pyogrio.errors
        import pyogrio.raw
    finally:
        for name in absent:
            del sys.modules[name]
    # MEM holds what is made in memory; it opens no file.
    allow_only(set(pyogrio.list_drivers()) - {"MEM"})
    return pyogrio


def import_rasterio() -> Any:
    """Rasterio with its drivers checked. Files are opened with ``driver="GTiff"`` besides."""
    import rasterio
    from rasterio.env import Env

    with Env() as environment:
        allow_only(environment.drivers(), ALLOWED_RASTER_DRIVERS + ALLOWED_DRIVERS)
    return rasterio
