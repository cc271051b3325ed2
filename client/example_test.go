package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/estelam/estelam/client"
)

// One question with its key: sent again, it is the same inquiry.
func ExampleClient_Inquire() {
	c, err := client.New(client.Config{
		URL:      "https://estelam.example:8443",
		CertFile: "agency.crt", KeyFile: "agency.key", CAFile: "registry-ca.crt",
		LogKey: os.Getenv("ESTELAM_LOG_KEY"),
	})
	if err != nil {
		log.Fatal(err)
	}
	answer, err := c.Inquire(context.Background(), client.Question{
		Officer: "a.nemuneh", Purpose: "account-opening", File: "1405-1001",
		Service: "identity", Mode: "verify",
		NationalNumber: "0010000003", BirthDate: "1370-01-01",
		Claims: map[string]string{"surname": "نمونه‌ای"},
	}, client.Key("1405-1001/identity"))
	var problem *client.Problem
	switch {
	case errors.As(err, &problem):
		log.Fatal(problem.Key) // nothing happened
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println(answer.Code, answer.Outcome, answer.Results.Fields["surname"])
	if err := os.WriteFile("receipt.json", answer.Receipt.Append(nil), 0o600); err != nil {
		log.Fatal(err)
	}
}

// A thousand questions at a time: one call, one proof, a receipt for each.
func ExampleClient_Batch() {
	c, err := client.New(client.Config{URL: "https://estelam.example:8443", Unverified: true})
	if err != nil {
		log.Fatal(err)
	}
	answers, err := c.Batch(context.Background(), client.Batch{
		Officer: "a.nemuneh", Purpose: "account-opening", File: "1405-1002",
		Questions: []client.Question{{
			Service: "predicate", Mode: "verify",
			NationalNumber: "0010000003", BirthDate: "1370-01-01",
			Predicates: []client.Predicate{{Name: "alive"}, {Name: "age_at_least", Age: 18}},
		}},
	}, client.Key("1405-1002/1"))
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range answers {
		fmt.Println(a.Code, a.Results.Predicates["alive"])
	}
}

// A file of persons, from the request of the agency's highest officer to the
// hand-over of the file; the registry approves, and the officer starts it.
func ExampleClient_Upload() {
	ctx := context.Background()
	head, err := client.New(client.Config{
		URL:      "https://estelam.example:8443",
		CertFile: "head.crt", KeyFile: "head.key", CAFile: "registry-ca.crt",
		LogKey: os.Getenv("ESTELAM_LOG_KEY"),
	})
	if err != nil {
		log.Fatal(err)
	}
	var made struct {
		Delivery int64 `json:"delivery"`
	}
	asked, err := head.Act(ctx, "deliveries/request", map[string]any{
		"purpose": "pension", "fields": []string{"national_number", "postal_code"}, "method": "media", "coverage": "declared",
		"reason": "pension-act", "document": "12, 1405-09-01",
	}, &made)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(made.Delivery, asked.Code)
	file, err := os.Open("members.xlsx")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := head.Upload(ctx, made.Delivery, file); err != nil {
		log.Fatal(err)
	}
	if _, err := head.Act(ctx, "deliveries/start", map[string]any{"delivery": made.Delivery}, nil); err != nil {
		log.Fatal(err) // delivery.not_approved: the registry has not decided yet
	}
}

// The parties of a deed at once; the code is written into it.
func ExampleClient_Act() {
	notary, err := client.New(client.Config{URL: "https://estelam.example:8443", Unverified: true})
	if err != nil {
		log.Fatal(err)
	}
	var deed struct {
		Outcome string `json:"outcome"`
		Parties []struct {
			Role, Outcome string
		} `json:"parties"`
	}
	done, err := notary.Act(context.Background(), "deeds/check", map[string]any{
		"officer": "n.nemuneh", "purpose": "deed", "file": "12/1405", "deed": "sale", "postal_code": "1234567890",
		"parties": []map[string]string{
			{"role": "seller", "national_number": "0010000003", "birth_date": "1370-01-01", "given_name": "نمونه", "surname": "نمونه‌ای"},
		},
	}, &deed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(done.Code, deed.Outcome, deed.Parties)
}
