"""Peer of the XZuFi import: Python's streaming parser takes the same fields of each Leistung, and nothing else."""

import sys
from xml.etree.ElementTree import iterparse

NS = "{http://xoev.de/schemata/xzufi/2_2_0}"
FIELDS = {"02": "name", "03": "name2", "05": "kurztext", "07": "rechtsgrundlage"}


def read(path):
    leistungen = {}
    # Ends alone, and no look at the root: the fastest way. What stays of a Leistung is an empty element.
    for _, element in iterparse(path):
        if element.tag != NS + "leistung":
            continue
        identity = element.find(NS + "id")
        record = {
            "keys": [code.text for code in element.iterfind(f"{NS}referenzLeiKa/code")],
            "typen": [code.text for code in element.iterfind(f"{NS}typisierung/code")],
            "sdg": [code.text for code in element.iterfind(f"{NS}informationsbereichSDG/code")],
            "synonyms": [
                begriff.text
                for begriff in element.iterfind(f"{NS}modulBegriffImKontext/{NS}begriffImKontext/{NS}begriff")
            ],
        }
        for module in element.iterfind(f"{NS}modulText"):
            field = FIELDS.get(module.findtext(f"{NS}leikaTextmodul/code"))
            if field is None:
                continue
            for inhalt in module.iterfind(f"{NS}inhalt"):
                if inhalt.get("languageCode") == "de":
                    record[field] = inhalt.text[:2000]
                    break
        leistungen[identity.get("schemeAgencyID"), identity.text] = record
        element.clear()
    return leistungen


print(len(read(sys.argv[1])))
