package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/receipt"
)

// Actor is who does an act. Every act takes one.
type Actor struct {
	Role   string      // officer, clerk, system, operator, citizen …
	Agency ids.LegalID // whose officer; 0 for the registry's own people
	ID     string      // login of the officer; never a name
}

// AppendTo appends the actor as records have it.
func (a Actor) AppendTo(b []byte) []byte {
	b = append(b, `{"role":`...)
	b = receipt.AppendString(b, a.Role)
	if a.Agency != 0 {
		b = append(b, `,"agency":"`...)
		b = append(a.Agency.AppendTo(b), '"')
	}
	b = append(b, `,"id":`...)
	return append(receipt.AppendString(b, a.ID), '}')
}

// Entry is what an act wants to have recorded. Its Body belongs to the journal
// from the call on and must not be written to again.
type Entry struct {
	Kind    receipt.Kind
	Body    []byte             // canonical JSON members that follow the head, such as `"agency":"…","service":"…"`
	Subject ids.NationalNumber // whom it is about; 0: nobody
	Agency  ids.LegalID        // who asked; 0: nobody
	Officer OfficerKey         // in whose list it stands too; 0: nobody's
	Bucket  uint64             // quota bucket that it counts in; 0: none
	Key     [16]byte           // hash of the idempotency key and who sent it; zero: none
	Digest  [16]byte           // hash of the request that came with Key
}

// Proven is an entry that is durable, with the proof that it is in the log.
type Proven struct {
	Log        int
	Origin     string
	Index      int64
	Code       ids.TrackingCode
	Time       time.Time
	Record     []byte // nil once the private part has been purged; not to be changed
	Salt       [32]byte
	Size       int64 // of the tree that Checkpoint signs
	Path       []tlog.Hash
	Checkpoint []byte
	Replayed   bool // it was there before: the idempotency key had been used

	// Of the entry, as Entry has them; what is private is zero once purged.
	Kind    receipt.Kind
	Subject ids.NationalNumber
	Agency  ids.LegalID
}

// Receipt is the receipt of the entry; it shares the entry's memory.
func (p *Proven) Receipt() *receipt.Receipt {
	return &receipt.Receipt{
		Record: p.Record, Salt: p.Salt, Index: p.Index, Size: p.Size,
		Path: p.Path, Checkpoint: p.Checkpoint,
	}
}

// Recorded is one entry of a ProvenBatch.
type Recorded struct {
	Index  int64
	Code   ids.TrackingCode
	Record []byte
	Salt   [32]byte
}

// ProvenBatch is a unit of entries that stand next to each other in the log,
// with one proof for all of them.
type ProvenBatch struct {
	Log         int
	Origin      string
	Time        time.Time
	Entries     []Recorded
	Size        int64
	Left, Right []tlog.Hash
	Checkpoint  []byte
	Replayed    bool
}

// Receipts is the batch file of the unit; it shares the entries' memory.
func (p *ProvenBatch) Receipts() *receipt.Batch {
	b := &receipt.Batch{Size: p.Size, Left: p.Left, Right: p.Right, Checkpoint: p.Checkpoint}
	if len(p.Entries) > 0 {
		b.First = p.Entries[0].Index
	}
	b.Entries = make([]receipt.Entry, len(p.Entries))
	for i := range p.Entries {
		b.Entries[i] = receipt.Entry{Record: p.Entries[i].Record, Salt: p.Entries[i].Salt}
	}
	return b
}

// meta is what the journal knows of an entry beside its record: enough to
// build the projections from the journal alone.
type meta struct {
	subject     ids.NationalNumber
	agency      ids.LegalID
	bucket      uint64
	key, digest [16]byte
	unit        uint32 // entries of the unit that begins here; 0: not the first of a unit
	act         ActID
	officer     OfficerKey
}

// Bits of the first byte of an encoded meta: which fields follow, in this order.
const (
	hasSubject = 1 << iota // 8 bytes, big-endian, as all numbers here
	hasAgency              // 8
	hasBucket              // 8
	hasKey                 // 16 key, 16 digest
	hasUnit                // 4
	hasAct                 // 16
	hasOfficer             // 8
	hasAll     = 1<<iota - 1
)

// OfficerKey is what an officer's list is sorted by: a hash of his agency and
// his login. Two officers have one key once in 2⁶³ pairs, so who reads a list
// holds each record against the login.
type OfficerKey int64

// KeyOf is the key of an agency's officer.
func KeyOf(agency ids.LegalID, login string) OfficerKey {
	if login == "" {
		return 0
	}
	var room [64]byte
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(room[:0], uint64(agency)), login...))
	return max(OfficerKey(binary.BigEndian.Uint64(sum[:])>>1), 1)
}

func (m *meta) bits() (bits byte, size int) {
	size = 1
	add := func(there bool, bit byte, n int) {
		if there {
			bits |= bit
			size += n
		}
	}
	add(m.subject != 0, hasSubject, 8)
	add(m.agency != 0, hasAgency, 8)
	add(m.bucket != 0, hasBucket, 8)
	add(m.key != [16]byte{}, hasKey, 32)
	add(m.unit != 0, hasUnit, 4)
	add(m.act != ActID{}, hasAct, 16)
	add(m.officer != 0, hasOfficer, 8)
	return bits, size
}

func (m *meta) append(dst []byte) []byte {
	bits, _ := m.bits()
	dst = append(dst, bits)
	if bits&hasSubject != 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(m.subject))
	}
	if bits&hasAgency != 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(m.agency))
	}
	if bits&hasBucket != 0 {
		dst = binary.BigEndian.AppendUint64(dst, m.bucket)
	}
	if bits&hasKey != 0 {
		dst = append(append(dst, m.key[:]...), m.digest[:]...)
	}
	if bits&hasUnit != 0 {
		dst = binary.BigEndian.AppendUint32(dst, m.unit)
	}
	if bits&hasAct != 0 {
		dst = append(dst, m.act[:]...)
	}
	if bits&hasOfficer != 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(m.officer))
	}
	return dst
}

var errMeta = errors.New("an entry's fields are not in their form")

// parseMeta reads a meta and returns what follows it.
func parseMeta(b []byte) (m meta, rest []byte, err error) {
	if len(b) == 0 || b[0] > hasAll {
		return m, nil, errMeta
	}
	bits := b[0]
	b = b[1:]
	take := func(bit byte, n int) []byte {
		if bits&bit == 0 || err != nil {
			return nil
		}
		if len(b) < n {
			err = errMeta
			return nil
		}
		field := b[:n]
		b = b[n:]
		return field
	}
	if f := take(hasSubject, 8); f != nil {
		m.subject = ids.NationalNumber(binary.BigEndian.Uint64(f))
	}
	if f := take(hasAgency, 8); f != nil {
		m.agency = ids.LegalID(binary.BigEndian.Uint64(f))
	}
	if f := take(hasBucket, 8); f != nil {
		m.bucket = binary.BigEndian.Uint64(f)
	}
	if f := take(hasKey, 32); f != nil {
		m.key, m.digest = [16]byte(f), [16]byte(f[16:])
	}
	if f := take(hasUnit, 4); f != nil {
		m.unit = binary.BigEndian.Uint32(f)
	}
	if f := take(hasAct, 16); f != nil {
		m.act = ActID(f)
	}
	if f := take(hasOfficer, 8); f != nil {
		m.officer = OfficerKey(binary.BigEndian.Uint64(f))
	}
	return m, b, err
}

// private is the private part of a batch as it is stored:
//
//	1 byte    version, 1
//	n × 32    salts
//	n × 4     for each entry, where it ends, counted from the first entry's start
//	          entries: meta, then the record
//	4 bytes   CRC-32C of all before
//
// The records are protected by the leaves already; the checksum is for the
// rest, and finds every flipped byte.
type private struct {
	data []byte
	n    int
}

const privateVersion = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// newPrivate makes room for entries of these sizes (meta and record).
func newPrivate(sizes []int) private {
	total := 0
	for _, s := range sizes {
		total += s
	}
	n := len(sizes)
	p := private{data: make([]byte, 1+n*36+total+4), n: n}
	p.data[0] = privateVersion
	end := uint32(0)
	for i, s := range sizes {
		end += uint32(s)
		binary.BigEndian.PutUint32(p.data[1+n*32+i*4:], end)
	}
	return p
}

// seal writes the checksum.
func (p private) seal() {
	body := p.data[:len(p.data)-4]
	binary.BigEndian.PutUint32(p.data[len(body):], crc32.Checksum(body, castagnoli))
}

var errPrivate = errors.New("a private part is not in its form")

// parsePrivate checks the form and the checksum of a stored private part.
func parsePrivate(data []byte, n int) (private, error) {
	p := private{data: data, n: n}
	if err := p.checkForm(); err != nil {
		return p, err
	}
	body := data[:len(data)-4]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(data[len(body):]) {
		return p, errPrivate
	}
	return p, nil
}

// checkForm makes sure that every salt and item can be read.
func (p private) checkForm() error {
	if p.n <= 0 || len(p.data) < 1+p.n*36+4 || p.data[0] != privateVersion {
		return errPrivate
	}
	before := uint32(0)
	for i := range p.n {
		end := p.end(i)
		if end <= before {
			return errPrivate
		}
		before = end
	}
	if int(before) != len(p.data)-1-p.n*36-4 {
		return errPrivate
	}
	return nil
}

func (p private) end(i int) uint32 { return binary.BigEndian.Uint32(p.data[1+p.n*32+i*4:]) }

// salts is all salts, n × 32 bytes.
func (p private) salts() []byte { return p.data[1 : 1+p.n*32] }

func (p private) salt(i int) *[32]byte { return (*[32]byte)(p.data[1+i*32:]) }

// item is entry i: its meta and its record.
func (p private) item(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = p.end(i - 1)
	}
	items := p.data[1+p.n*36 : len(p.data)-4]
	return items[start:p.end(i):p.end(i)]
}
