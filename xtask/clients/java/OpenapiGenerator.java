// A server's life with the Java client that openapi-generator (library native) makes from openapi.lenient.yaml. It talks to
// the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names.

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.LookUpsApi;
import org.openapitools.client.api.ServersApi;
import org.openapitools.client.model.CreateInterface;
import org.openapitools.client.model.CreateInterfaceList;
import org.openapitools.client.model.CreateIpAddress;
import org.openapitools.client.model.CreateIpAddressList;
import org.openapitools.client.model.CreateNetworking;
import org.openapitools.client.model.CreateServer;
import org.openapitools.client.model.CreateServerRequest;
import org.openapitools.client.model.CreateStorageDevice;
import org.openapitools.client.model.CreateStorageDeviceList;
import org.openapitools.client.model.ErrorBody;
import org.openapitools.client.model.LabelInput;
import org.openapitools.client.model.LabelInputList;
import org.openapitools.client.model.Server;
import org.openapitools.client.model.ServerSummary;
import org.openapitools.client.model.StopServer;
import org.openapitools.client.model.StopServerRequest;
import org.openapitools.client.model.StopType;
import org.openapitools.client.model.Storage;
import org.openapitools.client.model.StorageAction;
import org.openapitools.client.model.StorageDeletion;

public final class OpenapiGenerator {
    private final ApiClient client = new ApiClient();
    private final ServersApi upcloud;

    private OpenapiGenerator(String baseUrl, String token) {
        client.updateBaseUri(baseUrl + "/1.3");
        // The native library leaves authorization to its caller.
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        upcloud = new ServersApi(client);
    }

    public static void main(String[] arguments) throws Exception {
        new OpenapiGenerator(System.getenv("UPCLOUD_DEBUG_API_BASE_URL"), System.getenv("UPCLOUD_TOKEN")).life();
    }

    private void life() throws ApiException, InterruptedException, JsonProcessingException {
        Storage debian = new LookUpsApi(client).listStorageTemplates().getStorages().getStorage().stream()
            .filter(template -> template.getTitle().contains("Debian"))
            .findFirst()
            .orElseThrow();

        UUID uuid = upcloud.createServer(new CreateServerRequest().server(server(debian.getUuid())))
            .getServer().getUuid();
        await(uuid, "started");

        List<UUID> listed = upcloud.listServers(List.of("made-by=java"), null, null, null, null, null, null)
            .getServers().getServer().stream().map(ServerSummary::getUuid).toList();
        check(listed.equals(List.of(uuid)), "listed by its label: " + listed);

        var stop = new StopServerRequest().stopServer(new StopServer().stopType(StopType.HARD));
        upcloud.stopServer(uuid, stop);
        await(uuid, "stopped");

        try {
            upcloud.stopServer(uuid, stop);
            throw new IllegalStateException("a stopped server was stopped");
        } catch (ApiException refused) {
            String code = client.getObjectMapper().readValue(refused.getResponseBody(), ErrorBody.class)
                .getError().getErrorCode();
            check(refused.getCode() == 409 && code.equals("SERVER_STATE_ILLEGAL"), refused.getCode() + " " + code);
            System.out.println("refused as it should be: " + code);
        }

        upcloud.deleteServer(uuid, StorageDeletion.YES, null);
    }

    private static CreateServer server(UUID template) {
        var disk = new CreateStorageDevice().action(StorageAction.CLONE).storage(template).title("Disk").size(20);
        var address = new CreateIpAddressList().addIpAddressItem(new CreateIpAddress().family("IPv4"));
        var network = new CreateInterface().type("public").ipAddresses(address);
        return new CreateServer()
            .hostname("java.example.com")
            .title("Made by Java")
            .zone("de-fra1")
            .plan("1xCPU-1GB")
            .labels(new LabelInputList().addLabelItem(new LabelInput().key("made-by").value("java")))
            .storageDevices(new CreateStorageDeviceList().addStorageDeviceItem(disk))
            .networking(new CreateNetworking().interfaces(new CreateInterfaceList().addInterfaceItem(network)));
    }

    private void await(UUID uuid, String state) throws ApiException, InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofMinutes(1));
        while (Instant.now().isBefore(deadline)) {
            Server server = upcloud.getServer(uuid).getServer();
            System.out.println(server.getHostname() + " is " + server.getState());
            if (server.getState().equals(state)) {
                return;
            }
            check(!server.getState().equals("error"), "the server failed");
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
