// Every operation of the API with the Go client that Redocly generates from openapi.yaml: the code samples of the API's page,
// each between two comments. It talks to the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	"example.com/upcloud/client"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fake, err := url.Parse(os.Getenv("UPCLOUD_DEBUG_API_BASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	http.DefaultTransport = redirect{fake, http.DefaultTransport}
	if err := samples(ctx); err != nil {
		log.Fatal(err)
	}
}

// redirect leads every request to the fake, because the samples name the real addresses.
type redirect struct {
	fake *url.URL
	next http.RoundTripper
}

func (r redirect) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.URL.Scheme, request.URL.Host, request.Host = r.fake.Scheme, r.fake.Host, r.fake.Host
	return r.next.RoundTrip(request)
}

// sample: setUp
// For attributes that may be left out.
func ptr[T any](value T) *T { return &value }

// end of the sample

func wait(ctx context.Context, upcloud *client.Client, uuid string, state client.ServerState) error {
	for {
		answer, err := upcloud.GetServer(ctx, uuid)
		if err != nil || answer.Server.State == state {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func samples(ctx context.Context) error {
	// sample: setUp
	token := func() string { return os.Getenv("UPCLOUD_TOKEN") }
	upcloud := client.New(client.Config{Auth: client.Auth{Bearer: token}})
	// end of the sample

	{
		// sample: listPlans
		answer, err := upcloud.ListPlans(ctx)
		if err != nil {
			return err
		}
		for _, plan := range answer.Plans.Plan {
			fmt.Println(plan.Name, plan.CoreNumber, plan.MemoryAmount)
		}
		// end of the sample
	}

	{
		// sample: listServerConfigurations
		answer, err := upcloud.ListServerConfigurations(ctx)
		if err != nil {
			return err
		}
		for _, size := range answer.ServerSizes.ServerSize {
			fmt.Println(size.CoreNumber, size.MemoryAmount)
		}
		// end of the sample
	}

	{
		// sample: listZones
		answer, err := upcloud.ListZones(ctx)
		if err != nil {
			return err
		}
		for _, zone := range answer.Zones.Zone {
			fmt.Println(zone.Id, zone.Description)
		}
		// end of the sample
	}

	{
		// sample: listTimezones
		answer, err := upcloud.ListTimezones(ctx)
		if err != nil {
			return err
		}
		for _, timezone := range answer.Timezones.Timezone {
			fmt.Println(timezone)
		}
		// end of the sample
	}

	{
		// sample: listStorageCdroms
		answer, err := upcloud.ListStorageCdroms(ctx)
		if err != nil {
			return err
		}
		for _, cdrom := range answer.Storages.Storage {
			fmt.Println(cdrom.Uuid, cdrom.Title)
		}
		// end of the sample
	}

	// sample: listStorageTemplates
	templates, err := upcloud.ListStorageTemplates(ctx)
	if err != nil {
		return err
	}
	var template string
	for _, storage := range templates.Storages.Storage {
		if storage.TemplateType != nil && *storage.TemplateType == client.TemplateTypeCloudInit {
			template = storage.Uuid
		}
	}
	// end of the sample

	// sample: createServer
	disk := client.CreateStorageDevice{
		Action:  client.StorageActionClone,
		Storage: &template,
		Title:   ptr("System disk"),
		Size:    ptr(int64(20)),
	}
	public := client.CreateInterface{
		Type_: client.NetworkTypePublic,
		IpAddresses: client.CreateIpAddressList{
			IpAddress: []client.CreateIpAddress{{Family: client.AddressFamilyIPv4}},
		},
	}
	wanted := client.CreateServer{
		Hostname: "web-1.example.com",
		Title:    "Web server 1",
		Zone:     "de-fra1",
		Plan:     ptr("1xCPU-1GB"),
		Metadata: ptr(client.YesNoYes),
		Labels:   &client.LabelInputList{Label: []client.LabelInput{{Key: "env", Value: "test"}}},
		StorageDevices: client.CreateStorageDeviceList{
			StorageDevice: []client.CreateStorageDevice{disk},
		},
		Networking: client.CreateNetworking{
			Interfaces: client.CreateInterfaceList{Interface_: []client.CreateInterface{public}},
		},
		LoginUser: &client.LoginUser{
			Username: ptr("deploy"),
			SshKeys: &client.SshKeyList{
				SshKey: []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE me"},
			},
		},
	}
	created, err := upcloud.CreateServer(ctx, client.CreateServerRequest{Server: wanted})
	if err != nil {
		return err
	}
	uuid := created.Server.Uuid
	// end of the sample

	// sample: getServer
	for {
		answer, err := upcloud.GetServer(ctx, uuid)
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.Hostname, "is", answer.Server.State)
		if answer.Server.State != client.ServerStateMaintenance {
			break
		}
		time.Sleep(2 * time.Second)
	}
	// end of the sample

	{
		// sample: listServers
		answer, err := upcloud.ListServers(ctx, &client.ListServersParams{
			Label: &[]string{"env=test"},
			Limit: ptr(int64(100)),
		})
		if err != nil {
			return err
		}
		for _, server := range answer.Servers.Server {
			fmt.Println(server.Uuid, server.Hostname, server.State)
		}
		// end of the sample
	}

	{
		// sample: modifyServer
		answer, err := upcloud.ModifyServer(ctx, uuid, client.ModifyServerRequest{
			Server: client.ModifyServer{Title: ptr("Web server one")},
		})
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.Title)
		// end of the sample
	}

	// sample: createServerGroup
	grouped, err := upcloud.CreateServerGroup(ctx, client.CreateServerGroupRequest{
		ServerGroup: client.CreateServerGroup{
			Title:        ptr("Web servers"),
			AntiAffinity: ptr(client.AntiAffinity("yes")),
		},
	})
	if err != nil {
		return err
	}
	group := grouped.ServerGroup.Uuid
	// end of the sample

	{
		// sample: listServerGroups
		answer, err := upcloud.ListServerGroups(ctx, nil)
		if err != nil {
			return err
		}
		for _, group := range answer.ServerGroups.ServerGroup {
			fmt.Println(group.Uuid, group.Title)
		}
		// end of the sample
	}

	// sample: addServerToGroup
	if err := upcloud.AddServerToGroup(ctx, group, client.AddServerToGroupRequest{Server: client.ServerReference{Uuid: uuid}}); err != nil {
		return err
	}
	// end of the sample

	{
		// sample: getServerGroup
		answer, err := upcloud.GetServerGroup(ctx, group)
		if err != nil {
			return err
		}
		fmt.Println(answer.ServerGroup.Title, answer.ServerGroup.AntiAffinity)
		// end of the sample
	}

	{
		// sample: listServersInGroup
		answer, err := upcloud.ListServersInGroup(ctx, group)
		if err != nil {
			return err
		}
		for _, uuid := range answer.Servers.Server {
			fmt.Println(uuid)
		}
		// end of the sample
	}

	{
		// sample: modifyServerGroup
		answer, err := upcloud.ModifyServerGroup(ctx, group, client.ModifyServerGroupRequest{
			ServerGroup: client.ModifyServerGroup{AntiAffinity: ptr(client.AntiAffinity("no"))},
		})
		if err != nil {
			return err
		}
		fmt.Println(answer.ServerGroup.AntiAffinity)
		// end of the sample
	}

	// sample: removeServerFromGroup
	if err := upcloud.RemoveServerFromGroup(ctx, group, uuid); err != nil {
		return err
	}
	// end of the sample

	// sample: deleteServerGroup
	if err := upcloud.DeleteServerGroup(ctx, group); err != nil {
		return err
	}
	// end of the sample

	{
		// sample: restartServer
		answer, err := upcloud.RestartServer(ctx, uuid, client.RestartServerRequest{
			RestartServer: client.RestartServer{
				StopType:      ptr(client.StopTypeSoft),
				Timeout:       ptr("60"),
				TimeoutAction: ptr(client.TimeoutActionDestroy),
			},
		})
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.State)
		// end of the sample
	}

	// sample: cancelServerOperation
	if err := upcloud.CancelServerOperation(ctx, uuid); err != nil {
		return err
	}
	// end of the sample

	{
		// sample: startServer
		answer, err := upcloud.StartServer(ctx, uuid, client.StartServerRequest{
			Server: client.StartServer{StartType: ptr(client.StartTypeAsync)},
		})
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.State)
		// end of the sample
	}
	if err := wait(ctx, upcloud, uuid, client.ServerStateStarted); err != nil {
		return err
	}

	{
		// sample: stopServer
		answer, err := upcloud.StopServer(ctx, uuid, client.StopServerRequest{
			StopServer: client.StopServer{StopType: ptr(client.StopTypeSoft), Timeout: ptr("60")},
		})
		if err != nil {
			return err
		}
		fmt.Println(answer.Server.State)
		// end of the sample
	}
	if err := wait(ctx, upcloud, uuid, client.ServerStateStopped); err != nil {
		return err
	}

	// sample: deleteServer
	if err := upcloud.DeleteServer(ctx, uuid, &client.DeleteServerParams{Storages: ptr(client.StorageDeletion("1"))}); err != nil {
		return err
	}
	// end of the sample

	{
		// sample: getMetadata
		service := client.New(client.Config{ServerURL: "http://169.254.169.254"})
		metadata, err := service.GetMetadata(ctx)
		if err != nil {
			return err
		}
		fmt.Println(metadata.Hostname, metadata.Region)
		// end of the sample
	}

	{
		// sample: listMetadataFields
		// Without the generated client, which leaves plain text out.
		answer, err := http.Get("http://169.254.169.254/metadata/v1/")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		names, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		fmt.Println(string(names))
		// end of the sample
	}

	{
		// sample: getMetadataField
		// Without the generated client, which leaves plain text out.
		answer, err := http.Get("http://169.254.169.254/metadata/v1/region")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		region, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		fmt.Println(string(region))
		// end of the sample
	}

	return nil
}
