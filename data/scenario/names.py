"""Names of villages, by admin1. Plain nature names; no place on earth is meant."""

from __future__ import annotations

_NORTHERN_CAPE = """Windward, Fern Hollow, Silver Birch, Heatherdown, Larkrise, Pine Landing, Cold Spring, Blackthorn,
Plover's Rest, Sandpiper, Whitecliff, Foxglove, Wren's Gate, Anse-aux-Mouettes, Rowan Ridge, Tern Cove, Bracken Fold,
Seaholly, Harrow Stones, Mossbank, Eider Point, Cap-aux-Pins, Mirror Lake, Honeywell, Kestrel Down, Dunes End,
Ain Nakhil (عين النخيل), Barley Rise, Salt Wind, Old Orchard"""
_EASTSHORE = """Petit Marché, Île-aux-Hérons, Morning Bay, Coral Steps, Driftwood, Bluewater, Pointe-aux-Galets,
Rivière-Blanche, Mangrove End, Shell Beach, Amber Ford, Lilac Hill, Palm Terrace, Star Cove, Fontaine d'Or,
Vallon-Frais, Tall Grass, Oyster Bank, Ras Rih (رأس الريح), Bell Heather, Sea Lavender, Tamarind, Pelican Spit,
Low Tide, Cinnamon Hill"""
_HIGHLANDS = """Mistfall, Eagle's Ledge, Grey Pass, Snowdrop, Larch Hollow, Upper Springs, Quartz Ridge,
Col-des-Nuages, Stillwater, Wild Thyme, Old Terraces, Ember Rock, Far Pasture, High Orchard, Nine Cairns, Goat Steps,
Moonrise, Silent Pines, Rainshadow, Tall Cedars, Jabal Ward (جبل ورد), Cloudberry"""
_DELTA = """Reed End, Mudbank, Willow Ferry, Three Channels, Lotus Pond, Bend of Reeds, Kingfisher, Watercress,
Otter Bank, Salt Pans, Frog Hollow, Rushmere, Eel Creek, Marsh Gate, Flood Stone, Lilypad, Bas-Étang, Rive-d'Aulne,
Dragonfly, Silt Bridge, Egret Island, Low Fields, Stilt Houses, Wet Meadow, Ain Qasab (عين القصب), Bulrush,
Teal Water, Samphire, Heron's Pool, Duckweed"""
_SOUTHERN_REACH = """Lantern Hill, Palm Bay, Quiet Water, Flint Field, Thorn Cross, Dry River, Olive Grove,
Wadi Rumman (وادي الرمان), Ain Safa (عين صفا), Red Earth, Sandy Lane, Fig Tree, Swallow Bridge, Gravel Ford, Mill Race,
L'Arbre-Sec, Baie-d'Émeraude, Saffron Field, Long Meadow, Hawk's Rise, Turtle Beach, Lemon Yard, Ochre Bank, Rosemary,
Two Palms, Quail Run, Acacia, Sparrow Hill, South Landing, Stormlight, Heron's Nest"""


def _list(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("\n", " ").split(","))


VILLAGES = {
    "XO01": _list(_NORTHERN_CAPE),
    "XO02": _list(_EASTSHORE),
    "XO03": _list(_HIGHLANDS),
    "XO04": _list(_DELTA),
    "XO05": _list(_SOUTHERN_REACH),
}
