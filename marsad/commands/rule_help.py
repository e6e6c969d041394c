"""What the commands about rules and search share: a query made ready to match."""

from collections.abc import Mapping

from language.concepts import Concept
from marsad.errors import BadInput
from rules.engine import Engine
from rules.rule import Rule, RuleError, compile_rule

ASKED = "query"


def compile_query(query: str, concepts: Mapping[str, Concept]) -> tuple[Rule, Engine]:
    """Make a bare query ready to match; BadInput names column and remedy."""
    try:
        rule = compile_rule(name=ASKED, query=query)
        return rule, Engine([rule], concepts)
    except RuleError as error:
        raise BadInput(f"query: {error.reason}") from None
