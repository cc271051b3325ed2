package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
)

// meter counts what passes the door. Labels are routes, statuses and legal ids
// of agencies: nothing of a person. Every counter of the hot path is resolved
// beforehand.
type meter struct {
	registry *prometheus.Registry
	answers  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	agencies *prometheus.CounterVec
	panics   prometheus.Counter
}

func newMeter() *meter {
	m := &meter{
		registry: prometheus.NewRegistry(),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "estelam_http_answers_total", Help: "Answers by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "estelam_http_seconds", Help: "Time from the request's header to its answer, by route.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 5},
		}, []string{"route"}),
		agencies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "estelam_agency_requests_total", Help: "Authenticated requests by the agency's legal id.",
		}, []string{"agency"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "estelam_http_panics_total", Help: "Handlers that panicked; each is in the log with its id.",
		}),
	}
	m.registry.MustRegister(m.answers, m.seconds, m.agencies, m.panics,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch shows how full a gate is.
func (m *meter) watch(name string, g *gate) {
	gauge := func(what, help string, value func() int) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "estelam_gate_" + what, Help: help, ConstLabels: prometheus.Labels{"gate": name},
		}, func() float64 {
			g.mu.Lock()
			defer g.mu.Unlock()
			return float64(value())
		}))
	}
	gauge("inside", "Requests at work.", func() int { return g.inside })
	gauge("waiting", "Requests that wait for room.", func() int { return g.waiting })
}

// journal shows what the log does.
func (m *meter) journal(j *journal.Journal) {
	for name, c := range map[string]struct {
		help  string
		value func(journal.State) int64
	}{
		"batches_total": {"Batches committed since the start.", func(s journal.State) int64 { return s.Batches }},
		"entries_total": {"Entries committed since the start.", func(s journal.State) int64 { return s.Entries }},
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "estelam_journal_" + name, Help: c.help},
			func() float64 { return float64(c.value(j.State())) }))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "estelam_journal_behind", Help: "Entries that the projections do not have yet.",
	}, func() float64 { return float64(j.State().Behind) }))
}

// look is a collector that asks when it is read. What cannot be told then is
// left out.
type look struct {
	desc *prometheus.Desc
	each func(tell func(label string, value float64))
}

// Describe is for the registry.
func (l look) Describe(to chan<- *prometheus.Desc) { to <- l.desc }

// Collect is for the registry.
func (l look) Collect(to chan<- prometheus.Metric) {
	l.each(func(label string, value float64) {
		to <- prometheus.MustNewConstMetric(l.desc, prometheus.GaugeValue, value, label)
	})
}

// logs shows how much of each database stands in its write-ahead log alone.
func (m *meter) logs(j *journal.Journal) {
	m.registry.MustRegister(look{
		prometheus.NewDesc("estelam_store_log_bytes", "Bytes of the write-ahead log that are not yet in the database; far over 50 MiB means a reading that does not end.", []string{"database"}, nil),
		func(tell func(string, float64)) {
			for name, bytes := range j.LogSizes() {
				tell(name, float64(bytes))
			}
		},
	})
}

// jobs shows how much later work there is, by state.
func (m *meter) jobs(q *job.Queue) {
	m.registry.MustRegister(look{
		prometheus.NewDesc("estelam_jobs", "Jobs by state.", []string{"state"}, nil),
		func(tell func(string, float64)) {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			counts, err := q.Counts(ctx)
			if err != nil {
				return
			}
			for s := job.Waiting; s <= job.Cancelled; s++ {
				tell(s.String(), float64(counts[s]))
			}
		},
	})
}

// expiring shows how much of agencies' ends within 30 days or has ended and was
// not replaced, without saying whose.
func (m *meter) expiring(b *agency.Book) {
	m.registry.MustRegister(look{
		prometheus.NewDesc("estelam_agency_expiring", "Certificates, delegations and agreements that end soon or have ended.", []string{"what"}, nil),
		func(tell func(string, float64)) {
			for what, n := range b.Expiries() {
				tell(what, float64(n))
			}
		},
	})
}

// track resolves a route's counters once.
func (m *meter) track(rt *route) {
	rt.seconds = m.seconds.WithLabelValues(rt.path)
	for status := range rt.answers {
		switch status {
		case 200, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 507:
			rt.answers[status] = m.answers.WithLabelValues(rt.path, strconv.Itoa(status))
		}
	}
}

func (m *meter) saw(rt *route, status int, took time.Duration) {
	if n := rt.answers[status]; n != nil {
		n.Inc()
	}
	rt.seconds.Observe(took.Seconds())
}

// Metrics serves the counters in Prometheus' format. It belongs on a private
// address.
func (a *API) Metrics() http.Handler {
	return promhttp.HandlerFor(a.meter.registry, promhttp.HandlerOpts{})
}

// Registry is where other parts of the program register their own counters.
func (a *API) Registry() *prometheus.Registry { return a.meter.registry }
