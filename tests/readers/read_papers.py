"""What programs that know nothing of us make of a release's papers: schema.org's terms by rdflib, BibTeX; prints JSON."""

import json
import sys
from pathlib import Path

import bibtexparser
from rdflib import RDF, SDO, Graph, URIRef


def terms(dataset: dict) -> dict:
    """How many statements a dataset makes, its types and properties, and those of them that schema.org does not have.

    Its context is an address; what that says of such plain terms is put in its place, so that no network is needed.
    """
    if dataset.pop("@context") != "https://schema.org/":
        raise ValueError("the context is not schema.org's")
    text = json.dumps({"@context": {"@vocab": str(SDO)}, **dataset})
    graph = Graph().parse(data=text, format="json-ld", publicID="https://example.org/release/")
    types = {thing for _, _, thing in graph.triples((None, RDF.type, None))}
    used = types | {predicate for _, predicate, _ in graph if predicate != RDF.type}
    return {
        "statements": len(graph),
        "used": sorted(term.removeprefix(str(SDO)) for term in used),
        "unknown": sorted(term for term in used if term not in SDO),
        "knows nonsense": URIRef(f"{SDO}noSuchTerm") in SDO,
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = terms(json.loads((folder / "dataset.jsonld").read_text(encoding="utf-8")))
    with (folder / "CITE.bib").open(encoding="utf-8") as file:
        found["entries"] = bibtexparser.load(file).entries
    print(json.dumps(found))
