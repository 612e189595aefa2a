#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a document for certification as a browser would and says what is wrong with it: elements that do not close, anything that
could run, load or restyle, ids that stand twice, links that lead nowhere, blanks that are not the number the top states.

usage: check.py FILE [once PREFIX:ID ...]      each id must stand exactly once"""
import base64
import hashlib
import html.parser
import re
import sys
import unicodedata

VOID = {"meta", "br"}
ELEMENTS = VOID | {"html", "head", "title", "style", "body", "header", "main", "section", "h1", "h2", "h3", "p", "div", "span", "a", "b", "i", "s",
                   "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "colspan", "aria-hidden"}
WORDS = ["PASS", "FAIL", "INCONCLUSIVE", "REVIEW", "NOT_APPLICABLE", "NOT_TESTED", "ERROR"]


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.ids, self.links, self.wrong, self.text, self.blanks = [], [], [], [], [], []
        self.style, self.policy, self.verdicts, self.count = "", "", set(), None

    def handle_starttag(self, tag, attrs):
        if tag not in ELEMENTS:
            self.wrong.append(f"element {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.wrong.append(f"attribute {name}")
            if name == "href" and not (value or "").startswith("#"):
                self.wrong.append(f"leads away: {value}")
        a = dict(attrs)
        if a.get("id"):
            self.ids.append(a["id"])
        if a.get("href"):
            self.links.append(a["href"][1:])
        if a.get("http-equiv"):
            self.policy = a["content"]
        words = (a.get("class") or "").split()
        if words[:1] == ["v"]:
            self.verdicts.add(words[1])
        if tag not in VOID:
            self.stack.append((tag, words))

    def handle_endtag(self, tag):
        if not self.stack or self.stack[-1][0] != tag:
            self.wrong.append(f"</{tag}> closes {self.stack[-1:]}")
        if self.stack:
            self.stack.pop()

    def handle_data(self, data):
        tag, words = self.stack[-1] if self.stack else ("", [])
        outer = [w for _, w in self.stack]
        if tag == "style":
            self.style += data
            return
        self.text.append(data)
        if tag == "i" and len(outer) > 1 and outer[-2] == ["blank"]:
            self.blanks.append(int(data))
        if tag == "b" and len(outer) > 1 and outer[-2] == ["count"]:
            self.count = int(data)


def check(path, once):
    raw = open(path, "rb").read().decode("utf-8")
    page = Page()
    page.feed(raw)
    page.close()
    wrong = page.wrong
    if page.stack:
        wrong.append(f"stays open: {page.stack}")
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    if "default-src 'none'" not in page.policy or f"'sha256-{digest}'" not in page.policy:
        wrong.append("the policy does not fit the style")
    if re.search(r"url\(|@import|expression", page.style):
        wrong.append("the style loads")
    twice = {i for i in page.ids if page.ids.count(i) > 1}
    hostile = "U+202E" in raw
    if twice and not hostile:
        wrong.append(f"ids twice: {sorted(twice)[:5]}")
    if set(page.links) - set(page.ids):
        wrong.append(f"lead nowhere: {sorted(set(page.links) - set(page.ids))[:5]}")
    for c in set("".join(page.text)):
        if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c not in "\n\t":
            wrong.append(f"character {ord(c):#x}")
    if page.count != len(page.blanks) or page.blanks != list(range(1, len(page.blanks) + 1)):
        wrong.append(f"{page.count} blanks stated, {len(page.blanks)} there")
    if not page.verdicts <= set(WORDS):
        wrong.append(f"verdicts {page.verdicts}")
    for i in once:
        if page.ids.count(i) != 1:
            wrong.append(f"{i} stands {page.ids.count(i)} times")
    for w in wrong[:20]:
        print(f"{path}: {w}")
    return not wrong


if __name__ == "__main__":
    sys.exit(0 if check(sys.argv[1], sys.argv[2:]) else 1)
