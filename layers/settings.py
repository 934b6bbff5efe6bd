"""Every default in one place, each with its source or the word "proposal".

Read from `overlay.toml` in OVERLAY_HOME, then from OVERLAY_* variables (which win).
"""

from __future__ import annotations

import math
import os
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from layers.errors import SettingsError

PLACEHOLDER = re.compile(r"\{[^{}]*\}")
HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
RESERVED = ("Coastline", "OpenStreetMap online")  # base maps that have these names already
PROJECT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder that holds everything kept: OVERLAY_HOME, else `var/` in the project."""
    return Path(os.environ.get("OVERLAY_HOME") or PROJECT / "var").resolve()


class OnlineMap(BaseModel):
    """An address of map tiles that an administrator allows: XYZ, WMS or WMTS, all in Web Mercator.

    `layers` without a `tile_matrix_set` makes it a WMS, with one a WMTS that is asked by
    key and value. A template with {TileMatrix}, {TileRow} and {TileCol} is a WMTS too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    address: str
    attribution: str = Field(min_length=1, max_length=200)
    layers: str = ""
    style: str = ""
    tile_matrix_set: str = ""

    @model_validator(mode="after")
    def _usable(self) -> OnlineMap:
        if self.name in RESERVED or self.name.endswith(".pmtiles"):
            raise ValueError(f"{self.name}: expected a name that no other base map has")
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not HOST.fullmatch(parts.netloc):
            raise ValueError(f"{self.name}: expected an address that begins with https:// and a host")
        found = sorted(PLACEHOLDER.findall(self.address))
        if found not in ([[]] if self.layers else [["{x}", "{y}", "{z}"], ["{TileCol}", "{TileMatrix}", "{TileRow}"]]):
            raise ValueError(
                f"{self.name}: expected {{z}}, {{x}} and {{y}} in the address, or {{TileMatrix}}, {{TileRow}} and"
                " {TileCol} with all else filled in, or an address without any and the layers of a WMS or WMTS"
            )
        if not self.layers and (self.style or self.tile_matrix_set):
            raise ValueError(f"{self.name}: expected style and tile_matrix_set in the address, or layers beside them")
        return self


class Settings(BaseSettings):
    """All settings. The description of each names its source."""

    model_config = SettingsConfigDict(env_prefix="OVERLAY_", extra="forbid", frozen=True)

    theatre_timezone: str = Field(
        "UTC", description="Zone in which a calendar day is counted. Decision: UTC until set."
    )

    coverage_radius_km: dict[str, float] = Field(
        {"WSH": 5, "HEA": 5, "EDU": 3, "FSC": 5, "NUT": 5, "SHL": 0.5, "CCM": 0.5, "water_point": 0.5, "hospital": 25},
        description="Coverage radius by sector code or facility type, km. Water point: Sphere; the rest: proposal.",
    )
    coverage_by_area_only: tuple[str, ...] = Field(
        ("PRO",), description="Sectors covered by admin area only. Proposal."
    )

    risk_rings_km: tuple[float, ...] = Field((5, 10, 25), description="Rings of the risk table, km. Proposal.")
    baseline_days: int = Field(90, ge=1, description="Window of incidents counted near an activity, days. Proposal.")
    horizon_days: int = Field(30, ge=0, description="Planning horizon on Risk, days. Proposal.")
    picture_horizon_days: int = Field(7, ge=0, description="Planning horizon on Picture, days. Proposal.")
    since_briefing_hours: int = Field(
        24, ge=1, description="Stands in for the last briefing where there is none. Proposal."
    )

    explosive_red_m: float = Field(100, ge=0, description="Explosive hazard at or within: red. Proposal.")
    explosive_amber_m: float = Field(500, ge=0, description="Explosive hazard at or within: amber. Proposal.")
    hazard_amber_m: float = Field(2000, ge=0, description="Other hazard at or within: amber. Proposal.")

    severity: dict[str, float] = Field(
        {
            "attack_civilians": 1.0,
            "attack_un_aid": 1.0,
            "sexual_violence": 1.0,
            "explosive": 1.0,
            "clash": 0.8,
            "abduction": 0.8,
            "looting": 0.4,
            "crime": 0.4,
            "riot": 0.3,
            "protest": 0.0,
            "agreement": 0.0,
            "other": 0.5,
        },
        description="Severity weight by incident type; unknown type counts as other. Proposal.",
    )
    severity_per_death: float = Field(0.2, ge=0, description="Added per death (best estimate). Proposal.")
    severity_deaths_cap: int = Field(5, ge=0, description="Deaths counted at most. Proposal.")

    few_reports_incidents: int = Field(
        3, ge=0, description="Fewer incidents than this within 25 km in 365 days: worded 'few reports'. Proposal."
    )
    likelihood_bounds: tuple[float, ...] = Field(
        (0.05, 0.20, 0.50, 0.80),
        description="Bounds of the five likelihood classes: chance of at least one violent incident. Proposal.",
    )
    risk_matrix: tuple[tuple[str, ...], ...] = Field(
        (
            ("low", "low", "low", "low", "low"),
            ("low", "low", "low", "medium", "medium"),
            ("low", "low", "medium", "high", "high"),
            ("low", "medium", "high", "high", "very high"),
            ("medium", "high", "very high", "very high", "unacceptable"),
        ),
        description="Risk by impact (rows) and likelihood (columns), lowest first. After the UN SRM; proposal.",
    )
    displacement_alert_share: float = Field(0.10, ge=0, description="Like-for-like change that alerts. Proposal.")
    displacement_alert_people: int = Field(250, ge=0, description="And at least this many people. Proposal.")
    small_number: int = Field(10, ge=1, description="No percentage when the earlier count is under this. Proposal.")
    boundary_note: str = Field(
        "Boundaries, names and designations shown do not imply endorsement or acceptance by the United Nations.",
        description="Stands on every map and export. After the UN Geospatial disclaimer.",
    )
    max_file_mb: int = Field(1024, ge=1, description="Largest file taken, MB. Proposal.")
    max_columns: int = Field(500, ge=1, description="Most columns taken. Measured: wider files stall readers.")
    worker_seconds: int = Field(30, ge=1, description="Wall-clock limit of the process that opens a file. Decision.")
    worker_memory_mb: int = Field(2048, ge=256, description="Memory limit of that process. Decision.")
    job_memory_mb: int = Field(
        6000, ge=1024, description="Memory limit of a process that checks or publishes a file. Proposal."
    )
    cache_mb: int = Field(
        0, ge=0, description="Memory for kept answers in one server process, MB; 0: 2/5 of the machine. Proposal."
    )
    keep_personal_data: bool = Field(
        False, description="Whether columns of names, telephones and identity numbers of persons are stored. Decision."
    )
    personal_columns_allowed: tuple[str, ...] = Field(
        (), description="Headers that are stored although they look like personal data. Proposal."
    )

    base_maps: tuple[OnlineMap, ...] = Field(
        (), description="Addresses of base maps that browsers may ask, each told which places are looked at. Decision."
    )
    online_osm: bool = Field(False, description="Whether OpenStreetMap's own server is among them. Decision.")

    @field_validator("base_maps")
    @classmethod
    def _names_differ(cls, value: tuple[OnlineMap, ...]) -> tuple[OnlineMap, ...]:
        if len({online.name for online in value}) < len(value):
            raise ValueError("expected another name for each")
        return value

    @field_validator("coverage_radius_km", "severity")
    @classmethod
    def _over_the_defaults(cls, value: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        """Entries that are not named keep their default."""
        field = cls.model_fields[info.field_name or ""]
        wrong = sorted(name for name, number in value.items() if not 0 <= number < math.inf)
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: expected a number from 0 on")
        return {**field.default, **value}

    @field_validator("risk_rings_km")
    @classmethod
    def _rings_grow(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or value[0] <= 0 or list(value) != sorted(set(value)):
            raise ValueError("expected at least one ring over 0 km, each larger than the one before")
        return value

    @field_validator("likelihood_bounds")
    @classmethod
    def _bounds_grow(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(value) != 4 or list(value) != sorted(set(value)) or not 0 < value[0] <= value[-1] < 1:
            raise ValueError("expected four chances between 0 and 1, each larger than the one before")
        return value

    @field_validator("risk_matrix")
    @classmethod
    def _five_by_five(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        if len(value) != 5 or any(len(row) != 5 for row in value):
            raise ValueError("expected five rows of five words")
        return value

    @field_validator("theatre_timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f'"{value}" is no time zone; use a name such as Africa/Bangui')
        return str(ZoneInfo(value))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, home() / "overlay.toml")


@lru_cache(maxsize=4)
def _load(folder: Path) -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors())
        raise SettingsError(
            f"{folder / 'overlay.toml'} or an OVERLAY_ variable",
            wrong,
            "names and values as docs/operating.md describes",
            "Correct the setting and start again.",
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"{folder / 'overlay.toml'} or an OVERLAY_ variable",
            str(error).replace("\n", "; "),
            "values as docs/operating.md describes",
            "Correct the setting and start again.",
        ) from error


def settings() -> Settings:
    """The settings in force; read once per OVERLAY_HOME."""
    return _load(home())
