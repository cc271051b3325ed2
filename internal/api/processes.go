package api

import (
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/process"
)

// processRoutes are the routes of agencies' service processes, of what is in
// the way, and of the roll-out.
func (a *API) processRoutes() []*route {
	return []*route{
		act("/v1/processes/put", func(c *call, who journal.Actor, in *process.Entry) (*process.Process, journal.Proven, error) {
			return a.processes.Put(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/processes/state", func(c *call, who journal.Actor, in *process.Turning) (*process.Process, journal.Proven, error) {
			return a.processes.Turn(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/processes/end", func(c *call, who journal.Actor, in *process.Closing) (*process.Process, journal.Proven, error) {
			return a.processes.End(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/processes/list", a.listProcesses),
		ask("/v1/processes/evidence", a.processEvidence),
		ask("/v1/processes/documents", a.documentTypes).to(forAnyone),
		act("/v1/processes/document", func(c *call, who journal.Actor, in *process.DocumentType) (*process.DocumentType, journal.Proven, error) {
			return a.processes.AddDocument(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/obstacles/put", func(c *call, who journal.Actor, in *process.Hindrance) (*process.Obstacle, journal.Proven, error) {
			return a.processes.PutObstacle(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/obstacles/remove", func(c *call, who journal.Actor, in *process.Removal) (*process.Obstacle, journal.Proven, error) {
			return a.processes.Remove(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/obstacles/list", a.listObstacles),
		act("/v1/waves/put", func(c *call, who journal.Actor, in *process.Wave) (*process.Wave, journal.Proven, error) {
			return a.processes.PutWave(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/waves/list", a.listWaves),
		ask("/v1/waves/progress", func(_ *call, who journal.Actor, in *process.WaveOf) (*process.Progress, error) {
			return a.processes.Progress(who, in)
		}),
	}
}

type processesAnswer struct {
	Processes []*process.Process `json:"processes"`
}

func (a *API) listProcesses(_ *call, who journal.Actor, in *process.Filter) (out processesAnswer, err error) {
	out.Processes, err = a.processes.List(who, in)
	return out, err
}

type evidenceAnswer struct {
	Processes []process.Evidence `json:"processes"`
}

func (a *API) processEvidence(c *call, who journal.Actor, in *process.EvidenceFilter) (out evidenceAnswer, err error) {
	out.Processes, err = a.processes.Evidence(c.r.Context(), who, in)
	return out, err
}

type documentsAnswer struct {
	Documents []process.DocumentType `json:"documents"`
}

// documentTypes is for everyone: a citizen's report names one.
func (a *API) documentTypes(*call, journal.Actor, *struct{}) (documentsAnswer, error) {
	return documentsAnswer{a.processes.DocumentTypes()}, nil
}

type obstaclesAnswer struct {
	Obstacles []process.Obstacle `json:"obstacles"`
}

func (a *API) listObstacles(c *call, who journal.Actor, in *process.ObstacleFilter) (out obstaclesAnswer, err error) {
	out.Obstacles, err = a.processes.ListObstacles(c.r.Context(), who, in)
	return out, err
}

type wavesAnswer struct {
	Waves []process.Wave `json:"waves"`
}

func (a *API) listWaves(_ *call, who journal.Actor, _ *struct{}) (out wavesAnswer, err error) {
	out.Waves, err = a.processes.ListWaves(who)
	return out, err
}
