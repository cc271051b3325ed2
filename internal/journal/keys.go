package journal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Keys are the journal's secrets: Ed25519 keys that sign checkpoints and AES
// keys that make tracking codes. A log keeps the newest of each for all its
// life; a new key opens a new log, and the old ones stay, so that old receipts
// can be given out again.
//
// On disk each key is a file of mode 0600 with one line,
//
//	estelam-log-key/1 <base64 of the 32-byte Ed25519 seed>      in log-<n>.key
//	estelam-code-key/1 <base64 of the 32-byte AES-256 key>      in code-<epoch>.key
//
// where n counts from 1 and an epoch is 1–9.
type Keys struct {
	logs  []ed25519.PrivateKey // oldest first
	codes map[int]*ids.CodeKey // by epoch
}

const (
	logKeyForm  = "estelam-log-key/1"
	codeKeyForm = "estelam-code-key/1"
)

var errKeys = fault.New(fault.Internal, "journal.keys")

// NewKeys makes the first keys in dir. It overwrites nothing.
func NewKeys(dir string) (*Keys, error) {
	if err := RotateLogKey(dir); err != nil {
		return nil, err
	}
	if err := RotateCodeKey(dir); err != nil {
		return nil, err
	}
	return LoadKeys(dir)
}

// RotateLogKey adds a signing key to dir; the next Open begins a log with it.
func RotateLogKey(dir string) error { return addKey(dir, "log", logKeyForm, 1<<20) }

// RotateCodeKey adds a code key to dir; the next Open begins a log with it.
func RotateCodeKey(dir string) error { return addKey(dir, "code", codeKeyForm, 9) }

// addKey writes the key file that follows the newest one.
func addKey(dir, noun, form string, most int) error {
	have, err := readKeys(dir, noun, form)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	n := 1
	for k := range have {
		n = max(n, k+1)
	}
	if n > most {
		return errKeys.Because(fmt.Errorf("%s keys are used up", noun))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return errKeys.Because(err)
	}
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	name := filepath.Join(dir, fmt.Sprintf("%s-%d.key", noun, n))
	if err := store.WriteSecret(name, form+" "+base64.StdEncoding.EncodeToString(secret[:])); err != nil {
		return errKeys.Because(err)
	}
	return nil
}

// LoadKeys reads all keys of dir. A key file that others may read is refused.
func LoadKeys(dir string) (*Keys, error) {
	logs, err := readKeys(dir, "log", logKeyForm)
	if err != nil {
		return nil, errKeys.Because(err)
	}
	codes, err := readKeys(dir, "code", codeKeyForm)
	if err != nil {
		return nil, errKeys.Because(err)
	}
	k := &Keys{codes: map[int]*ids.CodeKey{}}
	var order []int
	for n := range logs {
		order = append(order, n)
	}
	slices.Sort(order)
	for _, n := range order {
		seed := logs[n]
		k.logs = append(k.logs, ed25519.NewKeyFromSeed(seed[:]))
	}
	for epoch, key := range codes {
		if k.codes[epoch], err = ids.NewCodeKey(epoch, key); err != nil {
			return nil, errKeys.Because(err)
		}
	}
	if len(k.logs) == 0 || len(k.codes) == 0 {
		return nil, errKeys.Because(fmt.Errorf("%s holds no keys", dir))
	}
	return k, nil
}

// readKeys reads the files <noun>-<n>.key of dir.
func readKeys(dir, noun, form string) (map[int][32]byte, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	keys := map[int][32]byte{}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".key")
		digits, ours := strings.CutPrefix(name, noun+"-")
		if !ok || !ours {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("key file %s has no number", f.Name())
		}
		if keys[n], err = readKey(filepath.Join(dir, f.Name()), form); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func readKey(path, form string) (key [32]byte, err error) {
	line, err := store.ReadSecret(path)
	if err != nil {
		return key, err
	}
	b64, ok := strings.CutPrefix(line, form+" ")
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok || err != nil || len(raw) != len(key) {
		return key, fmt.Errorf("key file %s is not in its form", path)
	}
	return [32]byte(raw), nil
}

// codeEpoch is the epoch that new logs use.
func (k *Keys) codeEpoch() int {
	newest := 0
	for e := range k.codes {
		newest = max(newest, e)
	}
	return newest
}

// vkey is the public key that new logs use, as a key of this origin.
func (k *Keys) vkey(origin string) string {
	return vkey(origin, k.logs[len(k.logs)-1])
}

func vkey(origin string, key ed25519.PrivateKey) string {
	s, err := note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		panic(err) // the key is 32 bytes
	}
	return s
}

// signer finds the private key of a log; nil if it is not there any more.
func (k *Keys) signer(origin, want string) *signer {
	for _, key := range k.logs {
		if v := vkey(origin, key); v == want {
			name, rest, _ := strings.Cut(v, "+")
			hash, err := strconv.ParseUint(rest[:8], 16, 32)
			if err != nil {
				panic(err) // x/mod wrote it
			}
			return &signer{origin: name, hash: uint32(hash), key: key}
		}
	}
	return nil
}

// signer makes the checkpoints of one log.
type signer struct {
	origin string
	hash   uint32
	key    ed25519.PrivateKey
}

// checkpoint is the signed note of a tree. Ed25519 is deterministic: the same
// tree gives the same bytes for ever, so a receipt given out again is the same.
func (s *signer) checkpoint(size int64, root tlog.Hash) []byte {
	msg := make([]byte, 0, 2*len(s.origin)+192)
	msg = receipt.AppendCheckpointText(msg, s.origin, size, root)
	var sig [4 + ed25519.SignatureSize]byte
	binary.BigEndian.PutUint32(sig[:], s.hash)
	copy(sig[4:], ed25519.Sign(s.key, msg))
	msg = append(msg, "\n— "...)
	msg = append(msg, s.origin...)
	msg = append(msg, ' ')
	msg = base64.StdEncoding.AppendEncode(msg, sig[:])
	return append(msg, '\n')
}
