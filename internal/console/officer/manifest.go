package officer

import (
	"encoding/json"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
)

// counted is what the pages read of a manifest.
type counted struct {
	Counts map[string]int64 `json:"counts"` // rows by status
}

func readManifest(text string) (*counted, error) {
	m := new(counted)
	return m, json.Unmarshal([]byte(text), m)
}

// manifest gives the list of what the delivery consists of, byte for byte as
// the entry of the file cites it.
func manifest(v *page.Visit) error {
	p, err := packageOf(v)
	if err != nil {
		return err
	}
	return v.Send("application/json", "estelam-delivery-"+itoa(p.Delivery)+"-"+delivery.ManifestName, []byte(p.Text))
}

// fileReceipt gives the receipt of the entry of the file.
func fileReceipt(v *page.Visit) error {
	p, err := packageOf(v)
	if err != nil {
		return err
	}
	return v.Send("application/json", "estelam-delivery-"+itoa(p.Delivery)+"-"+delivery.ReceiptName, p.Receipt)
}

func packageOf(v *page.Visit) (*delivery.Package, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	return v.Deliveries.Package(v.Context(), v.Actor(), &delivery.Of{Delivery: id})
}

// acknowledge says that the agency has the result that the manifest names.
var acknowledge = page.Form[delivery.Acknowledgement]{
	Path: "/officer/files/{id}/acknowledge", Roles: both, Key: "console.officer.acknowledge.",
	Begin: func(v *page.Visit, in *delivery.Acknowledgement) error {
		p, err := packageOf(v)
		if err == nil {
			in.Delivery, in.Manifest = p.Delivery, p.SHA256
		}
		return err
	},
	Above: func(v *page.Visit, in *delivery.Acknowledgement) *page.Link { return aboveFile(v, in.Delivery) },
	Controls: func(*page.Visit, *delivery.Acknowledgement) ([]page.Control, error) {
		return []page.Control{{Name: "manifest", Kind: page.Latin}}, nil
	},
	Do: func(v *page.Visit, in *delivery.Acknowledgement) (page.Done, error) {
		_, proven, err := v.Deliveries.Acknowledge(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: filePath(in.Delivery, ""), Code: proven.Code}, err
	},
}
