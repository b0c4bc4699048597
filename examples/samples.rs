//! Every operation of the API with this crate: the code samples of the API's page, each between two comments. It creates,
//! stops and deletes a server, so it runs against the fake that `UPCLOUD_DEBUG_API_BASE_URL` names, and nowhere else.

#![allow(clippy::print_stdout, reason = "a program for people talks to the terminal")]

use std::{env, error::Error, time::Duration};

use upcloud::{MetadataClient, ServerState, StopMode};

#[tokio::main]
#[allow(clippy::too_many_lines, reason = "samples are read one after the other")]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = env::var("UPCLOUD_DEBUG_API_BASE_URL")?;
    // sample: setUp
    // Reads UPCLOUD_TOKEN, or UPCLOUD_USERNAME and UPCLOUD_PASSWORD.
    let upcloud = upcloud::Client::from_env()?;
    // end of the sample

    // sample: listPlans
    for plan in upcloud.catalog().plans().await? {
        println!("{} {:?} cores", plan.name, plan.core_number);
    }
    // end of the sample

    // sample: listServerConfigurations
    for size in upcloud.servers().sizes().await? {
        println!("{} {}", size.core_number, size.memory_amount);
    }
    // end of the sample

    // sample: listZones
    for zone in upcloud.catalog().zones().await? {
        println!("{} {:?}", zone.id, zone.description);
    }
    // end of the sample

    // sample: listTimezones
    for timezone in upcloud.catalog().timezones().await? {
        println!("{timezone}");
    }
    // end of the sample

    // sample: listStorageCdroms
    for cdrom in upcloud.catalog().cdroms().await? {
        println!("{} {}", cdrom.uuid, cdrom.title);
    }
    // end of the sample

    // sample: listStorageTemplates
    let templates = upcloud.catalog().templates().await?;
    let template = templates.iter().find(|template| template.is_cloud_init()).ok_or("no cloud-init template")?;
    // end of the sample

    // sample: createServer
    let wanted = upcloud::CreateServer::from_template("web-1.example.com", "de-fra1", template.uuid)
        .title("Web server 1")
        .plan("1xCPU-1GB")
        .metadata(true)
        .label("env", "test")
        .ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE me");
    let server = upcloud.servers().create(wanted).and_wait().await?;
    // end of the sample

    // sample: getServer
    let server = upcloud.servers().get(server.uuid).await?;
    println!("{} is {}", server.hostname, server.state);
    // end of the sample

    // sample: listServers
    for server in upcloud.servers().list().label("env", "test").await? {
        println!("{} {} {}", server.uuid, server.hostname, server.state);
    }
    // end of the sample

    // sample: modifyServer
    let changes = upcloud::ModifyServer::default().title("Web server one");
    let server = upcloud.servers().modify(server.uuid, changes).await?;
    // end of the sample

    // sample: createServerGroup
    let wanted = upcloud::types::CreateServerGroup::titled("Web servers")
        .anti_affinity(upcloud::types::AntiAffinity::BestEffort);
    let group = upcloud.server_groups().create(wanted).await?;
    // end of the sample

    // sample: listServerGroups
    for group in upcloud.server_groups().list().await? {
        println!("{} {}", group.uuid, group.title);
    }
    // end of the sample

    // sample: addServerToGroup
    upcloud.server_groups().add_server(group.uuid, server.uuid).await?;
    // end of the sample

    // sample: getServerGroup
    let group = upcloud.server_groups().get(group.uuid).await?;
    println!("{} {:?}", group.title, group.policy());
    // end of the sample

    // sample: listServersInGroup
    for uuid in upcloud.server_groups().servers(group.uuid).await? {
        println!("{uuid}");
    }
    // end of the sample

    // sample: modifyServerGroup
    let changes = upcloud::types::ModifyServerGroup::default().anti_affinity(upcloud::types::AntiAffinity::None);
    let group = upcloud.server_groups().modify(group.uuid, changes).await?;
    // end of the sample

    // sample: removeServerFromGroup
    upcloud.server_groups().remove_server(group.uuid, server.uuid).await?;
    // end of the sample

    // sample: deleteServerGroup
    upcloud.server_groups().delete(group.uuid).await?;
    // end of the sample

    // sample: restartServer
    let how = upcloud::StopMode::SoftThenHard(Duration::from_secs(60));
    let server = upcloud.servers().restart(server.uuid, how).await?;
    // end of the sample

    // sample: cancelServerOperation
    upcloud.servers().cancel(server.uuid).await?;
    // end of the sample

    // sample: startServer
    let server = upcloud.servers().start(server.uuid).asynchronous().and_wait().await?;
    // end of the sample

    // sample: stopServer
    let server =
        upcloud.servers().stop(server.uuid, StopMode::SoftThenHard(Duration::from_secs(60))).and_wait().await?;
    // end of the sample
    assert_eq!(server.state, ServerState::Stopped, "the samples wait for what they ask for");

    // sample: deleteServer
    upcloud.servers().delete(server.uuid).with_storages().await?;
    // end of the sample

    // sample: getMetadata
    let service = upcloud::MetadataClient::new()?;
    // end of the sample
    drop(service);
    let service = MetadataClient::builder().base_url(&fake).build()?;
    // sample: getMetadata
    let metadata = service.get().await?;
    println!("{} in {}", metadata.hostname, metadata.region);
    // end of the sample

    // sample: listMetadataFields
    let names = service.folder("").await?;
    println!("{names:?}");
    // end of the sample

    // sample: getMetadataField
    let region = service.field("region").await?;
    // end of the sample
    println!("{region}");
    Ok(())
}
