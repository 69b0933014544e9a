"""Mends how a text opens: a capital letter in a box of its own, a digest of what follows."""

from dataclasses import replace

from crawler.extract.body.body import letters_only
from crawler.extract.page.outline import Block

_MIN_DIGEST_CHARS, _MAX_DIGESTS, _MAX_COMPARED_BLOCKS = 40, 6, 20


def join_drop_caps(blocks: list[Block]) -> list[Block]:
    """Joins a capital letter that has a box of its own with the word that it begins."""
    joined: list[Block] = []
    for block in blocks:
        capital = joined[-1].text if joined else ""
        if len(capital) == 1 and capital.isupper() and block.text[0].islower():
            joined[-1] = replace(block, text=capital + block.text, weight=block.weight + 1)
        else:
            joined.append(block)
    return joined


def leave_out_digests(blocks: list[Block]) -> list[Block]:
    """Leaves out opening blocks that repeat several paragraphs below them."""
    letters = [letters_only(block.text) for block in blocks[:_MAX_COMPARED_BLOCKS]]
    digests = set()
    for index, own in enumerate(letters[:_MAX_DIGESTS]):
        below = [other for other in letters[index + 1 :] if own not in other]
        starts = {other for other in below if own[:_MIN_DIGEST_CHARS] in other}
        ends = {other for other in below if own[-_MIN_DIGEST_CHARS:] in other}
        if len(own) >= _MIN_DIGEST_CHARS and starts and ends and starts.isdisjoint(ends):
            digests.add(index)
    return [block for index, block in enumerate(blocks) if index not in digests]
