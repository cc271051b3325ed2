package receipt

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// strict refuses base64 whose unused bits are not zero, so that every byte of a
// receipt counts. It skips line breaks; decode refuses those.
var strict = base64.StdEncoding.Strict()

func decode(dst, src []byte) error {
	if base64.StdEncoding.EncodedLen(len(dst)) != len(src) || bytes.ContainsAny(src, "\r\n") {
		return errors.New("base64 of the wrong length")
	}
	buf := make([]byte, strict.DecodedLen(len(src)))
	n, err := strict.Decode(buf, src)
	if err != nil || n != len(dst) {
		return errors.New("not strict base64")
	}
	copy(dst, buf)
	return nil
}

// proofHeader is the first line of a proof as c2sp.org/tlog-proof has it.
const proofHeader = "c2sp.org/tlog-proof@v1"

// appendProof appends the tlog-proof text as it stands within a JSON string.
// Before the checkpoint only line breaks need escaping.
func appendProof(dst []byte, index int64, path []tlog.Hash, checkpoint []byte) []byte {
	dst = append(dst, proofHeader+`\nindex `...)
	dst = strconv.AppendInt(dst, index, 10)
	dst = append(dst, `\n`...)
	for i := range path {
		dst = base64.StdEncoding.AppendEncode(dst, path[i][:])
		dst = append(dst, `\n`...)
	}
	dst = append(dst, `\n`...)
	return appendText(dst, checkpoint)
}

// parseProof reads a tlog-proof text. Its optional line of extra data is
// refused: it proves nothing and nothing would protect it.
func parseProof(text []byte) (index int64, path []tlog.Hash, checkpoint []byte, err error) {
	rest, ok := bytes.CutPrefix(text, []byte(proofHeader+"\nindex "))
	if !ok {
		return 0, nil, nil, errors.New("the proof does not begin as c2sp.org/tlog-proof@v1 says")
	}
	line, rest, _ := bytes.Cut(rest, []byte("\n"))
	if index, err = parseDecimal(string(line)); err != nil {
		return 0, nil, nil, err
	}
	for {
		if line, rest, ok = bytes.Cut(rest, []byte("\n")); !ok {
			return 0, nil, nil, errors.New("the proof ends before its checkpoint")
		}
		if len(line) == 0 {
			return index, path, rest, nil
		}
		var h tlog.Hash
		if err := decode(h[:], line); err != nil {
			return 0, nil, nil, err
		}
		if path = append(path, h); len(path) > 63 {
			return 0, nil, nil, errors.New("the proof is too long")
		}
	}
}

// AppendCheckpointText appends the text of a checkpoint that its signature
// covers: origin, size and root, one a line (c2sp.org/tlog-checkpoint).
func AppendCheckpointText(dst []byte, origin string, size int64, root tlog.Hash) []byte {
	dst = append(dst, origin...)
	dst = append(dst, '\n')
	dst = strconv.AppendInt(dst, size, 10)
	dst = append(dst, '\n')
	dst = base64.StdEncoding.AppendEncode(dst, root[:])
	return append(dst, '\n')
}

// checkpoint is a parsed, not yet verified checkpoint.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func parseCheckpoint(msg []byte) (checkpoint, error) {
	var c checkpoint
	end := bytes.LastIndex(msg, []byte("\n\n"))
	if end < 0 {
		return c, errors.New("the checkpoint is not a signed note")
	}
	lines := strings.Split(string(msg[:end]), "\n")
	if len(lines) < 3 || lines[0] == "" {
		return c, errors.New("the checkpoint has not three lines")
	}
	var err error
	c.origin = lines[0]
	if c.size, err = parseDecimal(lines[1]); err != nil {
		return c, err
	}
	return c, decode(c.root[:], []byte(lines[2]))
}

// verifyCheckpoint checks the signature of a checkpoint by one of keys, whose
// name must be the checkpoint's origin. Signatures of unknown keys (witnesses)
// are passed over, as c2sp.org/signed-note demands, but must be well-formed.
func verifyCheckpoint(msg []byte, origin string, keys []note.Verifier) error {
	end := bytes.LastIndex(msg, []byte("\n\n"))
	for line := range strings.Lines(string(msg[end+2:])) {
		_, b64, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "— "), "\n"), " ")
		if _, err := strict.DecodeString(b64); err != nil {
			return errors.New("a signature is not strict base64")
		}
	}
	var fit []note.Verifier
	for _, k := range keys {
		if k.Name() == origin {
			fit = append(fit, k)
		}
	}
	if len(fit) == 0 {
		return errors.New("none of the given keys belongs to this log")
	}
	_, err := note.Open(msg, note.VerifierList(fit...))
	return err
}

// rootFromPath computes the root of a tree of size leaves from the hash of leaf
// index and its path (RFC 6962, section 2.1.1).
func rootFromPath(index, size int64, leaf tlog.Hash, path []tlog.Hash) (tlog.Hash, error) {
	if index < 0 || index >= size {
		return tlog.Hash{}, errors.New("the index lies outside the tree")
	}
	h := leaf
	for n, last := index, size-1; last > 0; n, last = n>>1, last>>1 {
		if n&1 == 0 && n == last { // no sibling on this level
			continue
		}
		if len(path) == 0 {
			return tlog.Hash{}, errors.New("the path is too short")
		}
		if n&1 == 1 {
			h = tlog.NodeHash(path[0], h)
		} else {
			h = tlog.NodeHash(h, path[0])
		}
		path = path[1:]
	}
	if len(path) > 0 {
		return tlog.Hash{}, errors.New("the path is too long")
	}
	return h, nil
}
