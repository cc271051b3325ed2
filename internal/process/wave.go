package process

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Wave is a part of the roll-out: bodies in some provinces, with dates. The
// first one was the pilot in Khuzestan, Qom and Semnan.
type Wave struct {
	ID        int64         `json:"wave"` // 0: a new one
	Name      string        `json:"name"`
	Provinces []string      `json:"provinces"`
	Agencies  []ids.LegalID `json:"agencies"` // with all below them; empty: all in the provinces
	From      persian.Date  `json:"from"`
	Until     persian.Date  `json:"until"`   // its last day
	Version   int64         `json:"version"` // that was seen; 0: a new one
}

func scanWave(scan func(...any) error) (*Wave, error) {
	w := &Wave{Agencies: []ids.LegalID{}}
	var provinces, agencies string
	var since, until int64
	err := scan(&w.ID, &w.Name, &provinces, &agencies, &since, &until, &w.Version)
	w.Provinces = strings.Split(provinces, "\n")
	for _, word := range strings.Fields(agencies) {
		id, bad := ids.ParseLegalID(word)
		if bad != nil {
			err = bad
		}
		w.Agencies = append(w.Agencies, id)
	}
	w.From, w.Until = persian.UnpackDate(int32(since)), persian.UnpackDate(int32(until))
	return w, err
}

const maxNamed = 200 // agencies that a wave names

// checkWave finds all mistakes at once, and gives provinces their own spelling.
func (b *Book) checkWave(w *Wave) error {
	var bad fault.List
	bad.Add("", text(&w.Name, "name"))
	bad.When(len(w.Provinces) == 0, "provinces", "process.missing")
	known := b.Provinces()
	for i, name := range w.Provinces[:min(len(w.Provinces), len(known)+1)] {
		at := slices.IndexFunc(known, func(k string) bool { return persian.Key(k) == persian.Key(name) })
		bad.When(at < 0, "provinces."+strconv.Itoa(i), "process.province")
		if at >= 0 {
			w.Provinces[i] = known[at]
		}
	}
	bad.When(len(w.Provinces) > len(known), "provinces", "process.province")
	bad.When(len(w.Agencies) > maxNamed, "agencies", "process.agencies", strconv.Itoa(maxNamed))
	for i, id := range w.Agencies[:min(len(w.Agencies), maxNamed)] {
		_, err := b.c.Agencies.ByID(id)
		bad.Add("agencies."+strconv.Itoa(i), err)
	}
	bad.When(!w.From.Precise(), "from", "process.day")
	bad.When(!w.Until.Precise(), "until", "process.day")
	bad.When(w.From.Precise() && w.Until.Precise() && w.Until.Compare(w.From) < 0, "until", "process.until")
	slices.Sort(w.Provinces)
	w.Provinces = slices.Compact(w.Provinces)
	slices.Sort(w.Agencies)
	w.Agencies = slices.Compact(w.Agencies)
	return bad.Err()
}

// PutWave plans a wave or changes one. Faults: process.province,
// agency.unknown, process.until, process.wave, process.wave.version.
func (b *Book) PutWave(ctx context.Context, j *journal.Journal, actor journal.Actor, w *Wave) (*Wave, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.checkWave(w); err != nil {
		return nil, journal.Proven{}, err
	}
	made := *w
	proven, err := b.do(ctx, j, actor, "wave", 0, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		made = *w
		if err := made.follows(tx); err != nil {
			return nil, err
		}
		made.Version++
		words := make([]string, len(made.Agencies))
		for i, id := range made.Agencies {
			words[i] = id.String()
		}
		_, err := tx.Exec(wavePut, made.ID, made.Name, strings.Join(made.Provinces, "\n"), strings.Join(words, " "),
			int64(made.From.Pack()), int64(made.Until.Pack()), made.Version)
		return made.appendBody(nil), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &made, proven, nil
}

// follows finds the version that this one comes after, or the next number.
func (w *Wave) follows(tx *store.Tx) error {
	if w.ID == 0 {
		_, err := tx.One(waveLast, nil, &w.ID)
		w.ID++
		w.Version = 0
		return err
	}
	var have int64
	found, err := tx.One(waveVersion, []any{w.ID}, &have)
	switch {
	case err != nil:
		return err
	case !found:
		return errWave
	case have != w.Version:
		return fault.New(fault.Conflict, "process.wave.version").At("version")
	}
	return nil
}

var errWave = fault.New(fault.NotFound, "process.wave").At("wave")

// appendBody is what the journal says of a wave: all of it.
func (w *Wave) appendBody(b []byte) []byte {
	b = receipt.AppendString(append(strconv.AppendInt(append(b, `"wave":{"id":`...), w.ID, 10), `,"name":`...), w.Name)
	b = append(appendList(append(b, `,"provinces":`...), w.Provinces), `,"agencies":[`...)
	for i, id := range w.Agencies {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), id.String()...), '"')
	}
	b = append(append(b, `],"from":"`...), w.From.String()...)
	b = append(append(append(b, `","until":"`...), w.Until.String()...), `","version":`...)
	return append(strconv.AppendInt(b, w.Version, 10), '}')
}

// Waves lists the waves.
func (b *Book) Waves() []Wave { return slices.Clone(b.all.Get().waves) }

// ListWaves lists them for one who asks; they are no secret between bodies.
func (b *Book) ListWaves(actor journal.Actor) ([]Wave, error) {
	if err := register.Only(actor, append([]string{agency.RoleHead}, readers...)...); err != nil {
		return nil, err
	}
	return append([]Wave{}, b.Waves()...), nil
}

// Progress is how far a wave has come.
type Progress struct {
	Wave
	Total  Standing   `json:"total"`
	Bodies []Standing `json:"bodies"` // by id
}

// Standing is how far a body has come, or all bodies of a wave.
type Standing struct {
	Agency    ids.LegalID `json:"agency,omitzero"`
	Name      string      `json:"name,omitempty"`
	Province  string      `json:"province,omitempty"`
	Bodies    int         `json:"bodies"`    // 1, or how many there are
	Joined    int         `json:"joined"`    // of these with an officer who answers for them
	Agreement int         `json:"agreement"` // with an agreement in force
	Processes int         `json:"processes"`
	Online    int         `json:"online"`
	Exception int         `json:"exception"`
}

// WaveOf names a wave.
type WaveOf struct {
	ID int64 `json:"wave"`
}

// Progress counts, in a wave, the bodies that the circular binds. Fault: process.wave.
func (b *Book) Progress(actor journal.Actor, in *WaveOf) (*Progress, error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	waves := b.all.Get().waves
	at := slices.IndexFunc(waves, func(w Wave) bool { return w.ID == in.ID })
	if at < 0 {
		return nil, errWave
	}
	out := &Progress{Wave: waves[at], Bodies: []Standing{}}
	for _, a := range b.Covered(&out.Wave) {
		s := b.standing(a)
		out.Bodies = append(out.Bodies, s)
		t := &out.Total
		t.Bodies, t.Joined, t.Agreement = t.Bodies+s.Bodies, t.Joined+s.Joined, t.Agreement+s.Agreement
		t.Processes, t.Online, t.Exception = t.Processes+s.Processes, t.Online+s.Online, t.Exception+s.Exception
	}
	return out, nil
}

// Covered lists the bodies of a wave by id: those in its provinces that are
// bound and not closed and, where it names agencies, belong to one of these.
func (b *Book) Covered(w *Wave) (all []*agency.Agency) {
	named := map[ids.LegalID]bool{}
	for _, id := range w.Agencies {
		named[id] = true
		for _, a := range b.c.Agencies.Under(id) {
			named[a.ID] = true
		}
	}
	for _, a := range b.c.Agencies.Agencies() {
		there := slices.ContainsFunc(w.Provinces, func(p string) bool { return persian.Key(p) == persian.Key(a.Province) })
		if a.Bound && a.State != agency.Closed && there && (len(named) == 0 || named[a.ID]) {
			all = append(all, a)
		}
	}
	return all
}

func (b *Book) standing(a *agency.Agency) Standing {
	s := Standing{Agency: a.ID, Name: a.Name, Province: a.Province, Bodies: 1}
	if a.Accountable != "" {
		s.Joined = 1
	}
	if _, ok := b.c.Agreements.InForce(a.ID, b.c.Clock()); ok {
		s.Agreement = 1
	}
	for _, p := range b.Of(a.ID) {
		switch {
		case p.Ended:
			continue
		case p.State == Online:
			s.Online++
		case p.State == Exception:
			s.Exception++
		}
		s.Processes++
	}
	return s
}
