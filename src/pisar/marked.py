"""Parts of documents that programs write: each between two marker lines, and never changed by hand."""


def with_part(document: str, name: str, part: str) -> str:
    """Return the document with the part between the markers of that name; raise ValueError if it has not exactly one pair of them."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if document.count(begin) != 1 or document.count(end) != 1:
        raise ValueError(f"the document must have {begin} and {end} once each")
    before, rest = document.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{part}{end}{after}"
