// A server's life with the Java client that Redocly generates from openapi.lenient.yaml. It talks to the fake, or to
// whatever UPCLOUD_DEBUG_API_BASE_URL names.

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import upcloudservers.Client;

public final class Redocly {
    private final Client upcloud;

    private Redocly(String baseUrl, String token) {
        upcloud = new Client(new Client.Config().serverUrl(baseUrl + "/1.3").auth(new Client.Auth().bearer(token)));
    }

    public static void main(String[] arguments) throws InterruptedException {
        new Redocly(System.getenv("UPCLOUD_DEBUG_API_BASE_URL"), System.getenv("UPCLOUD_TOKEN")).life();
    }

    private void life() throws InterruptedException {
        Client.Storage debian = upcloud.listStorageTemplates().storages().storage().stream()
            .filter(template -> template.title().contains("Debian"))
            .findFirst()
            .orElseThrow();

        String uuid = upcloud.createServer(new Client.CreateServerRequest(server(debian.uuid()))).server().uuid();
        await(uuid, "started");

        List<String> listed = upcloud.listServers(new Client.ListServersParams().label(List.of("made-by=java")))
            .servers().server().stream().map(Client.ServerSummary::uuid).toList();
        check(listed.equals(List.of(uuid)), "listed by its label: " + listed);

        var stop = new Client.StopServerRequest(new Client.StopServer(Client.StopType.HARD, null));
        upcloud.stopServer(uuid, stop);
        await(uuid, "stopped");

        try {
            upcloud.stopServer(uuid, stop);
            throw new IllegalStateException("a stopped server was stopped");
        } catch (Client.ApiException refused) {
            String code = Client.ErrorBody.fromJson(refused.body).error().errorCode();
            check(refused.status == 409 && code.equals("SERVER_STATE_ILLEGAL"), refused.status + " " + code);
            System.out.println("refused as it should be: " + code);
        }

        upcloud.deleteServer(uuid, new Client.DeleteServerParams().storages(Client.StorageDeletion._1));
    }

    /** The generated records have no builders, so what is left out is null, in the order of the description. */
    private static Client.CreateServer server(String template) {
        var disk = new Client.CreateStorageDevice(
            Client.StorageAction.CLONE, null, null, null, null, null, 20L, template, null, "Disk", null);
        var address = new Client.CreateIpAddressList(List.of(new Client.CreateIpAddress(null, null, "IPv4")));
        var network = new Client.CreateInterface(null, null, address, null, null, "public");
        var labels = new Client.LabelInputList(List.of(new Client.LabelInput("made-by", "java")));
        return new Client.CreateServer(
            null, null, null, null, null,
            "java.example.com",
            labels,
            null, null, null,
            new Client.CreateNetworking(new Client.CreateInterfaceList(List.of(network))),
            null, null,
            "1xCPU-1GB",
            null, null, null, null, null,
            new Client.CreateStorageDeviceList(List.of(disk)),
            null,
            "Made by Java",
            null, null,
            "de-fra1");
    }

    private void await(String uuid, String state) throws InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofMinutes(1));
        while (Instant.now().isBefore(deadline)) {
            Client.Server server = upcloud.getServer(uuid).server();
            System.out.println(server.hostname() + " is " + server.state());
            if (server.state().equals(state)) {
                return;
            }
            check(!server.state().equals("error"), "the server failed");
            Thread.sleep(100);
        }
        throw new IllegalStateException("the server did not reach " + state);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
