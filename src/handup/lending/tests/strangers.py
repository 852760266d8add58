"""A package as somebody of ill will would make it: well sealed and signed, and full of lies."""

import json
from pathlib import Path

from handup.org.models import StoredFile
from handup.projects.carrying.package import Opening, Package, Writer, fields_of, new_opening, plain


def made_by_a_stranger(path: Path, key: Opening, to: Path) -> Opening:
    """The package sealed and signed by somebody else, with files and staff of her choice."""
    old = Package(path, key)
    opening = new_opening()
    writer = Writer(to, opening)
    pdf = b"%PDF-1.4 a paper"
    staff = ""
    for part in old.manifest["parts"]:
        text = old.text(part["name"])
        about = {key: part[key] for key in ("table", "fields", "rows")}
        rows = [
            dict(zip(part["fields"], json.loads(line), strict=True)) for line in text.split("\n")
        ]
        for row in rows:
            if part["table"] == "org.StaffUser":
                staff = row["id"]
                row |= {"is_active": True, "password": "known", "username": f"u{staff[-6:]}"}
            if part["table"] == "projects.Programme":
                row["title"] = "A title\u2028of two\u0085lines"
        lines = [json.dumps([*row.values()], ensure_ascii=False) for row in rows]
        writer.add(part["name"], "\n".join(lines), **about)
    named = [field.attname for field in fields_of(StoredFile)]
    papers: list[str] = []
    for lies in ("..elsewhere", "/nowhere/keys.json"):
        file = StoredFile(
            name="paper.pdf",
            content_type="application/pdf",
            size=len(pdf),
            klass="P",
            stored_name=lies,
            added_by_id=staff,
        )
        papers.append(json.dumps([plain(getattr(file, name)) for name in named]))
        writer.add(f"files/{file.pk}", pdf.hex(), file=str(file.pk))
    writer.add("tables/f", "\n".join(papers), table="org.StoredFile", fields=named, rows=2)
    told = {key: old.manifest[key] for key in old.manifest.keys() - {"parts", "format", "sums"}}
    told["totals"] = [*told["totals"], ["org.StoredFile", 2, 0, ""]]
    writer.close(told)
    writer.put()
    return opening
