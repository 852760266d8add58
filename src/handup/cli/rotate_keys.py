"""`handup rotate-keys`: seal every secret with a new key, hash what is looked up with a new index
key. May be stopped and started again at any time; people go on working and searching meanwhile.
"""

import argparse

from handup.org import keys, rotation
from handup.org.keys import Ring


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Make new keys first, drop old ones last."""
    parser.add_argument("--new", action="store_true", help="make new keys and write with them")
    parser.add_argument(
        "--index", action="store_true", help="make a new index key and hash with it"
    )
    parser.add_argument("--drop", action="store_true", help="take away old keys nothing needs")


def run(args: argparse.Namespace) -> int:
    """Rotate, then count what each key still holds."""
    if args.new:
        for ring in Ring:
            print(f"  new {ring.value} key: {keys.add_key(ring)}")
    print(f"  {rotation.rotate()} secrets sealed anew")
    counts = rotation.count_by_key()
    for ring in Ring:
        held = keys.ids(ring)
        for key_id in held:
            print(f"  key {key_id}: {counts[key_id]} secrets")
            if args.drop and counts[key_id] == 0 and key_id != held[0]:
                keys.remove_key(ring, key_id)
                print(f"  key {key_id} is taken away; older backups need it: keep a sealed copy")
    return _index(new=args.index, drop=args.drop)


def _index(*, new: bool, drop: bool) -> int:
    """Hash again what is not under the present index key."""
    if new:
        keys.add_index_key()
        print("  new index key")
    if not keys.load().former:
        return 0
    print(f"  {rotation.rehash()} values hashed anew")
    left = rotation.count_former()
    print(f"  index key from before: {left} values")
    if drop and left == 0 and keys.remove_former_index_keys():
        print("  the index key from before is taken away")
    return 0
