"""Counts which articles share how many keys of the inverted indexes with a text."""

from collections import Counter

from sqlalchemy import Connection

from dedup.records import Features
from dedup.signature.scheme import Scheme
from storage.index import dedup_queries as lookups
from storage.index.pending_keys import PendingKeys


def count_shared_keys(
    connection: Connection,
    pending_keys: PendingKeys,
    scheme: Scheme,
    document_id: int,
    features: Features,
) -> tuple[Counter[int], Counter[int], bool]:
    """Counts the bands and the fingerprints that each other article shares with `features`.

    Looks in the tables and in the pending keys. Also returns whether each key has another
    holder: else no other article has this text, since a text alone determines its keys.
    """
    parameters = {
        "me": document_id,
        "hot_key": scheme.hot_key,
        "hot_sample": scheme.hot_sample - 1,
        "bands": features.bands.tolist(),
        "fingerprints": features.fingerprints.tolist(),
    }
    max_owners = scheme.hot_key + 2
    pending_owners = (
        pending_keys.bands.find_owners(features.bands, max_owners),
        pending_keys.fingerprints.find_owners(features.fingerprints, max_owners),
    )
    owners_by_key: dict[tuple[int, int], list[int]] = {
        (kind, key): owners for kind in (0, 1) for key, owners in pending_owners[kind].items()
    }
    hot_keys = set()
    stored_owners: dict[tuple[int, int], list[int]] = {}
    for kind, key, owner, is_hot in connection.execute(lookups.CANDIDATES_QUERY, parameters).all():
        stored_owners.setdefault((kind, key), []).append(owner)
        if is_hot:
            hot_keys.add((kind, key))
    for kind_and_key, stored in stored_owners.items():
        owners = owners_by_key.get(kind_and_key)
        owners_by_key[kind_and_key] = sorted({*owners, *stored} if owners else stored)
    hits: tuple[Counter[int], Counter[int]] = Counter(), Counter()
    shared_keys = 0
    for kind_and_key, owners in owners_by_key.items():
        if document_id in owners:
            owners = [owner for owner in owners if owner != document_id]
        shared_keys += bool(owners)
        is_hot = kind_and_key in hot_keys or len(owners) > scheme.hot_key
        hits[kind_and_key[0]].update(owners[: scheme.hot_sample] if is_hot else owners)
    distinct_keys = len(set(parameters["bands"])) + len(set(parameters["fingerprints"]))
    return *hits, shared_keys == distinct_keys
