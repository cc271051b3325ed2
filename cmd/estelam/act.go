package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/api"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// actCmd performs one act on the registers as an officer, or reads what an
// officer may.
type actCmd struct {
	agencyClient `embed:""`

	Name  string   `arg:"" optional:"" help:"What to do, such as events/death; NAME --help tells its members; without a name: list all."`
	Input []string `arg:"" optional:"" help:"Members of the input, each as member=value; a JSON file; or - for standard input."`
	Out   string   `short:"o" help:"Keep the whole answer in this file: result and receipt, or the document." type:"path"`
}

// Help says how members are written.
func (actCmd) Help() string {
	return `The members of an act:  estelam act events/death --help

How they are written:

  member=value       text; sent as a number, true or a list where the service wants one
  member:=JSON       as it is
  member=@FILE       what the file holds: JSON if it is named so, else text, else base64
  a.b=value          a member of a member; a.0.b of the first item of a list
  several times      a list

Example:

  estelam act events/death national_number=… died_on=1405-08-01 reason=hospital-report document='no. 12, 1405-08-02'`
}

// Run sends the act, checks its receipt and prints what came of it.
func (c *actCmd) Run(ctx context.Context, s streams) error {
	if c.Name == "" {
		listActs(s.out, "")
		return nil
	}
	all := api.Operations()
	i := slices.IndexFunc(all, func(o api.Operation) bool { return o.Name == c.Name })
	if i < 0 || all[i].Method != http.MethodPost {
		return unknownAct(s.out, c.Name)
	}
	in, err := readMembers(c.Input, s.in)
	if err != nil {
		return err
	}
	cl, err := c.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	send := cl.Read
	if all[i].Receipt {
		send = cl.Act
	}
	done, err := in.send(func() (*client.Done, error) { return send(ctx, c.Name, in.top, nil) })
	if err != nil {
		err = clientFault(s, err)
		switch {
		case err == exitCode(fault.Forbidden.Exit()) && c.Cert == "":
			fmt.Fprintln(s.err, "ESTELAM_CERT and ESTELAM_KEY, or --cert and --key, name your certificate and its key")
		case err == exitCode(fault.Invalid.Exit()):
			fmt.Fprintf(s.err, "estelam act %s --help  lists the members\n", c.Name)
		}
		return err
	}
	return c.show(s.out, done)
}

// show prints the result, the tracking code and where its proof is.
func (c *actCmd) show(w io.Writer, d *client.Done) error {
	whole := d.Document
	if d.Document == nil {
		whole = d.Result
		if d.Receipt != nil {
			proof := d.Receipt.Append(nil)
			if d.Batch != nil {
				proof = d.Batch.Append(nil)
			}
			var err error
			whole, err = json.Marshal(map[string]any{"tracking_code": d.Code, "result": d.Result, "receipt": json.RawMessage(proof)})
			if err != nil {
				return err
			}
		}
		var b bytes.Buffer
		if err := json.Indent(&b, d.Result, "", "  "); err != nil {
			return err
		}
		fmt.Fprintln(w, b.String())
		if why := reason(d.Result); why != "" {
			fmt.Fprintln(w, "reason    ", why)
		}
	}
	if d.Receipt != nil {
		fmt.Fprintf(w, "code       %s\nproof      entry %d of %d\n", group(d.Code), d.Receipt.Index, d.Receipt.Size)
	}
	switch {
	case c.Out != "":
		if err := os.WriteFile(c.Out, whole, 0o600); err != nil {
			return err
		}
		fmt.Fprintln(w, "answer    ", c.Out)
	case d.Document != nil:
		fmt.Fprintf(w, "document   %s, %d bytes; -o FILE keeps it\n", d.Kind, len(d.Document))
	}
	return nil
}

// reason is in words what a result names by the key of a message: why a delivery
// was stopped, or why a job failed.
func reason(result json.RawMessage) string {
	var said struct{ Note, Fault string }
	_ = json.Unmarshal(result, &said) // a result of another form gives no reason
	for _, key := range []string{said.Note, said.Fault} {
		if message.Known(key) {
			return message.Text(terminalLang(), key)
		}
	}
	return ""
}

// members is the input in the making.
type members struct {
	top   map[string]any
	asked map[string]bool // members that were sent again in another form
}

// text is a value that was typed: it may stand for a number or true.
type text string

// readMembers builds the input from a file, if one is named, and members.
func readMembers(args []string, stdin io.Reader) (*members, error) {
	m := &members{top: map[string]any{}, asked: map[string]bool{}}
	for _, arg := range args {
		if name, value, ok := strings.Cut(arg, "="); ok {
			if err := m.add(name, value); err != nil {
				return nil, err
			}
			continue
		}
		data, err := actInput(arg, stdin)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &m.top); err != nil {
			return nil, fault.New(fault.Invalid, "estelam.act.json").Because(err)
		}
	}
	m.top = lists(m.top).(map[string]any)
	return m, nil
}

func actInput(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return readFile(name)
}

func (m *members) add(name, value string) error {
	var v any = text(value)
	if raw, ok := strings.CutSuffix(name, ":"); ok {
		name = raw
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			return fault.New(fault.Invalid, "estelam.act.json").At(name).Because(err)
		}
	} else if file, ok := strings.CutPrefix(value, "@"); ok {
		data, err := readFile(file)
		if err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(file, ".json"):
			if err := json.Unmarshal(data, &v); err != nil {
				return fault.New(fault.Invalid, "estelam.act.json").At(name).Because(err)
			}
		case utf8.Valid(data):
			v = text(data)
		default:
			v = base64.StdEncoding.EncodeToString(data)
		}
	}
	at := m.top
	path := strings.Split(name, ".")
	for _, step := range path[:len(path)-1] {
		next, ok := at[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[step] = next
		}
		at = next
	}
	last := path[len(path)-1]
	switch old := at[last].(type) {
	case nil:
		at[last] = v
	case []any:
		at[last] = append(old, v)
	default:
		at[last] = []any{old, v}
	}
	return nil
}

// lists turns objects whose members are 0, 1, 2 … into lists.
func lists(v any) any {
	switch v := v.(type) {
	case map[string]any:
		items := make([]any, len(v))
		list := len(v) > 0
		for name, member := range v {
			v[name] = lists(member)
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				list = false
				continue
			}
			items[i] = v[name]
		}
		if list {
			return items
		}
	case []any:
		for i := range v {
			v[i] = lists(v[i])
		}
	}
	return v
}

// send sends the input. Everything typed is text; where the service says that
// it wants a number, true or false, or a list, nothing has happened, and the
// text is sent again as that.
func (m *members) send(f func() (*client.Done, error)) (*client.Done, error) {
	for {
		d, err := f()
		var p *client.Problem
		if !errors.As(err, &p) {
			return d, err
		}
		changed := false
		for _, e := range p.Errors {
			if !m.asked[e.Field] {
				m.asked[e.Field] = true
				changed = m.retype(strings.Split(strings.TrimPrefix(e.Field, "/"), "/"), e.Key) || changed
			}
		}
		if !changed {
			return nil, err
		}
	}
}

// retype puts a typed value into the form that the service asks for.
func (m *members) retype(path []string, key string) bool {
	var at any = m.top
	for i, step := range path {
		last := i == len(path)-1
		switch in := at.(type) {
		case map[string]any:
			if last {
				v, ok := retyped(in[step], key)
				if ok {
					in[step] = v
				}
				return ok
			}
			at = in[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(in) {
				return false
			}
			if last {
				v, ok := retyped(in[n], key)
				if ok {
					in[n] = v
				}
				return ok
			}
			at = in[n]
		default:
			return false
		}
	}
	return false
}

func retyped(v any, key string) (any, bool) {
	t, ok := v.(text)
	if !ok {
		return nil, false
	}
	switch key {
	case "api.json.integer", "api.json.boolean":
		var other any
		decoder := json.NewDecoder(strings.NewReader(string(t)))
		decoder.UseNumber()
		if decoder.Decode(&other) != nil || decoder.More() {
			return nil, false
		}
		return other, true
	case "api.json.array":
		return []any{t}, true
	case "api.json.form":
		return base64.StdEncoding.EncodeToString([]byte(t)), true
	}
	return nil, false
}
