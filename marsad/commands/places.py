"""`marsad place`: the gazetteer, and which place a name means."""

from typing import Annotated

import typer

from language.gazetteer import Place, gazetteer, holding, keys_within
from language.placenames import named
from language.places import name_of
from marsad.commands.front import print_row, table
from marsad.errors import BadInput

app = typer.Typer(help="The places of Iraq that articles are searched for.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="A JSON row each.")]


@app.command("list")
def list_command(
    kind: Annotated[str | None, typer.Option("--kind", help="Only these: city, camp, crossing ...")] = None,
    within: Annotated[
        str | None, typer.Option("--in", help="Only what lies in the place of this name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Every place with its key, what it lies in, its coordinates and its names."""
    kinds = sorted({place.kind for place in gazetteer().values()})
    if kind is not None and kind not in kinds:
        raise BadInput(f"{kind}: no such kind of place; known: {', '.join(kinds)}")
    inside = gazetteer().keys() if within is None else keys_within(keys_of(within))
    found = [place for key, place in gazetteer().items() if kind in (None, place.kind) and key in inside]
    _show(found, as_json=as_json)


@app.command("find")
def find_command(
    name: Annotated[str, typer.Argument(help="A name in any language, or a key.")], as_json: Json = False
) -> None:
    """Which places a name can mean."""
    _show([gazetteer()[key] for key in sorted(keys_of(name))], as_json=as_json)


def keys_of(name: str) -> frozenset[str]:
    """The places of this name. Raises BadInput when there is none."""
    keys = named(name)
    if not keys:
        raise BadInput(f"{name}: no place of Iraq that we know; see marsad place list")
    return keys


def _show(places: list[Place], *, as_json: bool) -> None:
    if as_json:
        for place in places:
            print_row(_row(place))
        return
    columns = ("key", "kind", "in", "north", "east", "names")
    table("Places", columns, [_cells(place) for place in places])


def _cells(place: Place) -> tuple[object, ...]:
    about = "~" if place.approximate else ""
    names = " · ".join(dict.fromkeys(name_of(place.key, lang) for lang in ("en", "ar", "ckb")))
    above = " > ".join(holding(place.key)[1:])
    return place.key, place.kind, above, f"{about}{place.lat}", f"{about}{place.lon}", names


def _row(place: Place) -> dict[str, object]:
    return {
        "key": place.key,
        "kind": place.kind,
        "in": list(holding(place.key)[1:]),
        "lat": place.lat,
        "lon": place.lon,
        "approximate": place.approximate,
        "names": {lang: list(names) for lang, names in place.names.items()},
    }
