// A server's life with the Go client that Redocly generates from openapi.yaml. It talks to the fake, or to whatever
// UPCLOUD_DEBUG_API_BASE_URL names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/upcloud/client"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := life(ctx); err != nil {
		log.Fatal(err)
	}
}

func life(ctx context.Context) error {
	token := os.Getenv("UPCLOUD_TOKEN")
	upcloud := client.New(client.Config{
		ServerURL: os.Getenv("UPCLOUD_DEBUG_API_BASE_URL") + "/1.3",
		Auth:      client.Auth{Bearer: func() string { return token }},
	})

	templates, err := upcloud.ListStorageTemplates(ctx)
	if err != nil {
		return err
	}
	storages := templates.Storages.Storage
	debian := slices.IndexFunc(storages, func(s client.Storage) bool { return strings.Contains(s.Title, "Debian") })
	if debian < 0 {
		return errors.New("no Debian template")
	}

	created, err := upcloud.CreateServer(ctx, client.CreateServerRequest{Server: client.CreateServer{
		Hostname: "go.example.com",
		Title:    "Made by Go",
		Zone:     "de-fra1",
		Plan:     ptr("1xCPU-1GB"),
		Labels:   &client.LabelInputList{Label: []client.LabelInput{{Key: "made-by", Value: "go"}}},
		StorageDevices: client.CreateStorageDeviceList{StorageDevice: []client.CreateStorageDevice{{
			Action:  client.StorageActionClone,
			Storage: &storages[debian].Uuid,
			Title:   ptr("Disk"),
			Size:    ptr(int64(20)),
		}}},
		Networking: client.CreateNetworking{Interfaces: client.CreateInterfaceList{Interface_: []client.CreateInterface{{
			Type_: client.NetworkTypePublic,
			IpAddresses: client.CreateIpAddressList{
				IpAddress: []client.CreateIpAddress{{Family: client.AddressFamilyIPv4}},
			},
		}}}},
	}})
	if err != nil {
		return err
	}
	uuid := created.Server.Uuid
	if err := wait(ctx, upcloud, uuid, client.ServerStateStarted); err != nil {
		return err
	}

	listed, err := upcloud.ListServers(ctx, &client.ListServersParams{Label: &[]string{"made-by=go"}})
	if err != nil {
		return err
	}
	if servers := listed.Servers.Server; len(servers) != 1 || servers[0].Uuid != uuid {
		return fmt.Errorf("listed by its label: %v", servers)
	}

	stop := client.StopServerRequest{StopServer: client.StopServer{StopType: ptr(client.StopTypeHard)}}
	if _, err := upcloud.StopServer(ctx, uuid, stop); err != nil {
		return err
	}
	if err := wait(ctx, upcloud, uuid, client.ServerStateStopped); err != nil {
		return err
	}

	_, err = upcloud.StopServer(ctx, uuid, stop)
	if status, code := refusal(err); status != 409 || code != client.ErrorCodeServerStateIllegal {
		return fmt.Errorf("a stopped server was stopped: %d %s %w", status, code, err)
	}
	fmt.Println("refused as it should be:", client.ErrorCodeServerStateIllegal)

	yes := client.StorageDeletion("1")
	return upcloud.DeleteServer(ctx, uuid, &client.DeleteServerParams{Storages: &yes})
}

func wait(ctx context.Context, upcloud *client.Client, uuid string, state client.ServerState) error {
	for {
		answer, err := upcloud.GetServer(ctx, uuid)
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.Hostname, "is", answer.Server.State)
		switch answer.Server.State {
		case state:
			return nil
		case client.ServerStateError:
			return errors.New("the server failed")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// refusal decodes the error of the API, whose body the client keeps as plain values.
func refusal(err error) (int, client.ErrorCode) {
	var failed *client.APIError
	if !errors.As(err, &failed) {
		return 0, ""
	}
	var body client.ErrorBody
	if text, err := json.Marshal(failed.Body); err == nil {
		// A body of another form leaves the code empty.
		_ = json.Unmarshal(text, &body)
	}
	if body.Error.ErrorCode == nil {
		return failed.Status, ""
	}
	return failed.Status, *body.Error.ErrorCode
}

func ptr[T any](value T) *T { return &value }
