"""Reads the token files of a build as training programs do, and holds them against the shards.

    tokens.py BUILD [--megatron]

nanoGPT maps NAME.bin as an array of 16 bits; Megatron's indexed data set reads NAME.idx first. Needs duckdb, for the shards.
"""
import array
import pathlib
import struct
import sys

import duckdb

build = pathlib.Path(sys.argv[1])
END = 50256
checked = 0
for path in sorted((build / "tokens").glob("*.bin")):
    tokens = array.array("H", path.read_bytes())
    if sys.byteorder == "big":
        tokens.byteswap()
    shard = build / "shards" / f"{path.stem}.jsonl.zst"
    counts = [n for (n,) in duckdb.sql(f"SELECT tokens FROM read_json('{shard}', format = 'newline_delimited')").fetchall()]
    ends = [place for place, token in enumerate(tokens) if token == END]
    lengths = [end - begin for begin, end in zip([-1] + ends, ends)]
    assert lengths == [n + 1 for n in counts], f"{path}: rows of {lengths[:5]} tokens, the shard says {counts[:5]}"
    assert len(tokens) == sum(lengths), f"{path}: tokens after the last end"
    index = (build / "tokens" / f"{path.stem}.idx").read_bytes()
    magic, version, code, n, borders = struct.unpack_from("<9sQBQQ", index)
    assert (magic, version, code, n, borders) == (b"MMIDIDX\0\0", 1, 8, len(counts), len(counts) + 1), path
    sizes = struct.unpack_from(f"<{n}i", index, 34)
    pointers = struct.unpack_from(f"<{n}q", index, 34 + 4 * n)
    documents = struct.unpack_from(f"<{borders}q", index, 34 + 12 * n)
    assert list(sizes) == lengths and documents == tuple(range(n + 1)) and len(index) == 34 + 12 * n + 8 * borders, path
    assert all(at == 2 * sum(sizes[:row]) for row, at in enumerate(pointers)), path
    checked += n
assert checked, "no token file was found"
print(f"{checked} rows of token files are those of their shards")
