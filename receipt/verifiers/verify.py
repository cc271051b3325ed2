#!/usr/bin/env python3
"""Verify Estelam receipts offline, with Python's standard library alone.

    verify.py receipt.json... KEY

KEY is the log's public key, "origin+hash+base64", or a file of keys, one a line.
Each file is a receipt (estelam-receipt/1) or a batch (estelam-receipts/1). One line a file; exits with 0 if all verify.
"""
import base64, hashlib, json, re, sys

KINDS = """- inquiry journal-reading code-match register-import person-change life-event card-event place-change
    residence-change agency-change officer-change certificate-change agreement-change board-decision correction
    delivery key-event purge notice register-reading delivery-row follow correction-notice review doubt process
    exception complaint audit compliance evaluation report access""".split()

def need(condition, why):
    if not condition: raise ValueError(why)

def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()

def unbase64(text, size=None):  # strict: the same bytes have only one spelling
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and size in (None, len(data)), "format: not strict base64")
    return data

def decimal(text):
    need(re.fullmatch("0|[1-9][0-9]{0,17}", text), "format: not a decimal number")
    return int(text)

def printed(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

def parse(data):  # canonical JSON, save for white space: printing it again must give the same
    def refuse(_): raise ValueError("format: a number that is no integer")
    value = json.loads(text := data.decode("utf-8"), parse_float=refuse, parse_constant=refuse)
    compact = re.sub(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', lambda m: m[1] or "", text)
    need(printed(value) == compact, "format: not canonical JSON")
    return value

# Ed25519 (RFC 8032), with points as (X, Y, Z, T), x = X/Z, y = Y/Z, xy = T/Z.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    w, x, y, z = f - e, d - c, d + c, f + e
    return w * x % P, y * z % P, x * y % P, w * z % P

def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        result = add(result, point) if n & 1 else result
        point, n = add(point, point), n >> 1
    return result

def decompress(data):
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x * pow(2, (P - 1) // 4, P) % P if (x * x - x2) % P else x
    need(y < P and (x * x - x2) % P == 0 and (x or not sign), "signature: the key is no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def compress(point):
    x, y = (v * pow(point[2], -1, P) % P for v in point[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little")

def signed(key, message, signature):
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    x, y, z, t = decompress(key)
    return s < ORDER and compress(add(times(s, BASE), times(k, (P - x, y, z, P - t)))) == signature[:32]

def checkpoint(note, keys):  # a signed note (c2sp.org/tlog-checkpoint)
    key = next((k for k in keys if k.startswith(note.split("\n")[0] + "+")), "")
    need(key.count("+") >= 2, "signature: no key of this log is given")
    name, key_hash, public = key.split("+", 2)
    key_id = sha256(name.encode(), b"\n", public := unbase64(public, 33))[:4]
    need(public[0] == 1 and key_id.hex() == key_hash, "signature: the key is not in its form")
    need(not re.search("[\x00-\x09\x0b-\x1f]", note) and note.endswith("\n"), "format: the checkpoint is no note")
    text, signatures = note[:note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2:-1].split("\n")
    good = None
    for dash, signer, data in (line.split(" ") for line in signatures):
        need(dash == "—" and re.fullmatch(r"[^\s+]+", signer) and len(unbase64(data)) > 4, "format: a bad signature line")
        if good is None and signer == name and unbase64(data)[:4] == key_id:  # of two by one key the first counts
            good = signed(public[1:], text.encode(), unbase64(data, 68)[4:])
    origin, size, root = text.split("\n")[:3]
    need(good and origin == name and len(signatures) <= 100, "signature: the log has not signed the checkpoint")
    return origin, decimal(size), unbase64(root, 32)

def leaf(record, salt, origin, index):  # the tree's hash of it; the record must name its place
    need(list(record)[:6] == ["v", "log", "index", "code", "time", "kind"] and str(record["v"]) == "1" and
         record["log"] == origin and str(record["index"]) == str(index) and record["kind"] in KINDS[1:],
         "record: it belongs to another place in the log")
    hidden = sha256(b"estelam/leaf/v1", unbase64(salt, 32), sha256(printed(record).encode()))
    return sha256(b"\x00\x01", bytes([KINDS.index(record["kind"])]), hidden)

def root(lo, hi, first, leaves, left, right):
    """RFC 6962's tree hash over leaves lo … hi-1, of which we have those from first on."""
    if hi <= first or lo >= first + len(leaves):
        return (left if hi <= first else right).pop(0)
    if hi - lo == 1:
        return leaves[lo - first]
    middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
    below = root(lo, middle, first, leaves, left, right)
    return sha256(b"\x01", below, root(middle, hi, first, leaves, left, right))

def verify(file, keys):
    if file.get("format") == "estelam-receipt/1":
        need(len(file) == 4, "format: other members")
        head, _, note = file["proof"].partition("\n\n")
        lines = head.split("\n")
        need(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1][:6] == "index ", "format: the proof is no tlog-proof")
        first, entries, path = decimal(lines[1][6:]), [file], [unbase64(h, 32) for h in lines[2:]]
        origin, size, want = checkpoint(note, keys)
        left, right, n, last = [], [], first, size - 1
        for h in path:  # sort the path into what lies left and right of the entry
            while last and n & 1 == 0 and n == last:
                n, last = n >> 1, last >> 1
            left, right = ([h] + left, right) if n & 1 else (left, right + [h])
            n, last = n >> 1, last >> 1
    else:
        need(file["format"] == "estelam-receipts/1" and len(file) == len(file["proof"]) == 4, "format: other members")
        first, entries, proof = file["proof"]["first"], file["entries"], file["proof"]
        left, right = ([unbase64(h, 32) for h in proof[side]] for side in ("left", "right"))
        need(entries and all(len(e) == 2 for e in entries) and type(first) is type(proof["size"]) is int and
             type(proof["left"]) is type(proof["right"]) is list, "format: other members")  # true is no 1, {} no []
        origin, size, want = checkpoint(file["checkpoint"], keys)
        need(size == proof["size"], "inclusion: the proof speaks of another tree")
    leaves = [leaf(e["record"], e["salt"], origin, first + i) for i, e in enumerate(entries)]
    need(0 <= first <= size - len(leaves), "inclusion: the entries lie outside the tree")
    need(root(0, size, first, leaves, left, right) == want and not left + right, "inclusion: it does not lead to the root")
    return f"{len(leaves)} of {size} entries of {origin}"

def main(names, key):
    bad, keys = 0, (key if "+" in key else open(key).read()).split()
    for name in names:
        try:
            print(f"{name}: verified: {verify(parse(open(name, 'rb').read()), keys)}")
        except Exception as e:  # whatever is wrong with a file, it is not verified
            bad += 1
            print(f"{name}: NOT VERIFIED: {e or type(e).__name__}")
    return 1 if bad else 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:-1], sys.argv[-1]) if len(sys.argv) > 2 else __doc__)
