// A server's life with the Go client that openapi-generator makes from openapi.lenient.yaml. It talks to the fake, or to
// whatever UPCLOUD_DEBUG_API_BASE_URL names.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"example.com/upcloud/client"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ctx = context.WithValue(ctx, client.ContextAccessToken, os.Getenv("UPCLOUD_TOKEN"))
	if err := life(ctx); err != nil {
		log.Fatal(err)
	}
}

func life(ctx context.Context) error {
	config := client.NewConfiguration()
	config.Servers = client.ServerConfigurations{{URL: os.Getenv("UPCLOUD_DEBUG_API_BASE_URL") + "/1.3"}}
	upcloud := client.NewAPIClient(config)

	template, err := debian(ctx, upcloud)
	if err != nil {
		return err
	}
	created, _, err := upcloud.ServersAPI.CreateServer(ctx).CreateServerRequest(request(template)).Execute()
	if err != nil {
		return err
	}
	uuid := created.Server.Uuid
	if err := wait(ctx, upcloud, uuid, "started"); err != nil {
		return err
	}

	listed, _, err := upcloud.ServersAPI.ListServers(ctx).Label([]string{"made-by=go"}).Execute()
	if err != nil {
		return err
	}
	if servers := listed.Servers.Server; len(servers) != 1 || servers[0].Uuid != uuid {
		return fmt.Errorf("listed by its label: %v", servers)
	}

	hard := client.StopServer{StopType: client.STOPTYPE_HARD.Ptr()}
	stop := upcloud.ServersAPI.StopServer(ctx, uuid).StopServerRequest(*client.NewStopServerRequest(hard))
	if _, _, err := stop.Execute(); err != nil {
		return err
	}
	if err := wait(ctx, upcloud, uuid, "stopped"); err != nil {
		return err
	}

	_, answer, err := stop.Execute()
	if answer == nil || answer.StatusCode != 409 || code(err) != "SERVER_STATE_ILLEGAL" {
		return fmt.Errorf("a stopped server was stopped: %w", err)
	}
	fmt.Println("refused as it should be:", code(err))

	_, err = upcloud.ServersAPI.DeleteServer(ctx, uuid).Storages(client.STORAGEDELETION_YES).Execute()
	return err
}

func debian(ctx context.Context, upcloud *client.APIClient) (string, error) {
	templates, _, err := upcloud.LookUpsAPI.ListStorageTemplates(ctx).Execute()
	if err != nil {
		return "", err
	}
	for _, template := range templates.Storages.Storage {
		if strings.Contains(template.Title, "Debian") {
			return template.Uuid, nil
		}
	}
	return "", errors.New("no Debian template")
}

func request(template string) client.CreateServerRequest {
	disk := client.NewCreateStorageDevice(client.STORAGEACTION_CLONE)
	disk.SetStorage(template)
	disk.SetTitle("Disk")
	disk.SetSize(20)
	address := client.NewCreateIpAddress("IPv4")
	network := client.NewCreateInterface(*client.NewCreateIpAddressList([]client.CreateIpAddress{*address}), "public")
	server := client.NewCreateServer(
		"go.example.com",
		*client.NewCreateNetworking(*client.NewCreateInterfaceList([]client.CreateInterface{*network})),
		*client.NewCreateStorageDeviceList([]client.CreateStorageDevice{*disk}),
		"Made by Go",
		"de-fra1",
	)
	server.SetPlan("1xCPU-1GB")
	server.SetLabels(*client.NewLabelInputList([]client.LabelInput{*client.NewLabelInput("made-by", "go")}))
	return *client.NewCreateServerRequest(*server)
}

func wait(ctx context.Context, upcloud *client.APIClient, uuid, state string) error {
	for {
		answer, _, err := upcloud.ServersAPI.GetServer(ctx, uuid).Execute()
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.Hostname, "is", answer.Server.State)
		switch answer.Server.State {
		case state:
			return nil
		case "error":
			return errors.New("the server failed")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// code is that of the API, or empty for any other trouble.
func code(err error) string {
	var failed *client.GenericOpenAPIError
	if errors.As(err, &failed) {
		if body, ok := failed.Model().(client.ErrorBody); ok {
			return body.Error.GetErrorCode()
		}
	}
	return ""
}
