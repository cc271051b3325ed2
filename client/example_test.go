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
