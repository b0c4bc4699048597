#!/usr/bin/env bash
# Every operation of the API with curl: the code samples of its page, each between two comments. It talks to the fake, or to
# whatever UPCLOUD_DEBUG_API_BASE_URL names.
set -euo pipefail

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# The samples name the real addresses; here they lead to the fake, and the last answer is kept.
curl() {
    local arguments=("${@/#https:\/\/api.upcloud.com/$UPCLOUD_DEBUG_API_BASE_URL}")
    arguments=("${arguments[@]/#http:\/\/169.254.169.254/$UPCLOUD_DEBUG_API_BASE_URL}")
    command curl --silent --show-error --fail-with-body --output "$answer" "${arguments[@]}" || {
        cat "$answer" >&2
        return 1
    }
}

# A value of the last answer.
value() {
    python3 -c "import json, sys; answer = json.load(open(sys.argv[1])); print($1)" "$answer"
}

wait_until() {
    until [ "$(value 'answer["server"]["state"]')" = "$1" ]; do
        sleep 0.1
        curl --header "Authorization: Bearer $UPCLOUD_TOKEN" "https://api.upcloud.com/1.3/server/$SERVER"
    done
}

# sample: setUp
export UPCLOUD_TOKEN=ucat_YOUR_TOKEN
# end of the sample

# sample: listPlans
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" https://api.upcloud.com/1.3/plan
# end of the sample

# sample: listServerConfigurations
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  https://api.upcloud.com/1.3/server_size
# end of the sample

# sample: listZones
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" https://api.upcloud.com/1.3/zone
# end of the sample

# sample: listTimezones
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" https://api.upcloud.com/1.3/timezone
# end of the sample

# sample: listStorageCdroms
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  https://api.upcloud.com/1.3/storage/cdrom
# end of the sample

# sample: listStorageTemplates
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  https://api.upcloud.com/1.3/storage/template
# end of the sample
TEMPLATE=$(value 'next(t["uuid"] for t in answer["storages"]["storage"] if t["template_type"] == "cloud-init")')

# sample: createServer
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  --json @- https://api.upcloud.com/1.3/server <<END
{
  "server": {
    "hostname": "web-1.example.com",
    "title": "Web server 1",
    "zone": "de-fra1",
    "plan": "1xCPU-1GB",
    "metadata": "yes",
    "labels": {"label": [{"key": "env", "value": "test"}]},
    "storage_devices": {
      "storage_device": [
        {"action": "clone", "storage": "$TEMPLATE", "title": "System disk", "size": 20}
      ]
    },
    "networking": {
      "interfaces": {
        "interface": [{"type": "public", "ip_addresses": {"ip_address": [{"family": "IPv4"}]}}]
      }
    },
    "login_user": {
      "username": "deploy",
      "ssh_keys": {"ssh_key": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE me"]}
    }
  }
}
END
# end of the sample
SERVER=$(value 'answer["server"]["uuid"]')

# sample: getServer
# Until its state is no longer "maintenance".
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server/$SERVER"
# end of the sample
wait_until started

# sample: listServers
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  --get https://api.upcloud.com/1.3/server \
  --data-urlencode label=env=test --data limit=100
# end of the sample

# sample: modifyServer
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  --request PUT "https://api.upcloud.com/1.3/server/$SERVER" \
  --json '{"server": {"title": "Web server one"}}'
# end of the sample

# sample: createServerGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  https://api.upcloud.com/1.3/server-group \
  --json '{"server_group": {"title": "Web servers", "anti_affinity": "yes"}}'
# end of the sample
GROUP=$(value 'answer["server_group"]["uuid"]')

# sample: listServerGroups
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  https://api.upcloud.com/1.3/server-group
# end of the sample

# sample: addServerToGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server-group/$GROUP/servers" \
  --json '{"server": {"uuid": "'"$SERVER"'"}}'
# end of the sample

# sample: getServerGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server-group/$GROUP"
# end of the sample

# sample: listServersInGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server-group/$GROUP/servers"
# end of the sample

# sample: modifyServerGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  --request PATCH "https://api.upcloud.com/1.3/server-group/$GROUP" \
  --json '{"server_group": {"anti_affinity": "no"}}'
# end of the sample

# sample: removeServerFromGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" --request DELETE \
  "https://api.upcloud.com/1.3/server-group/$GROUP/servers/$SERVER"
# end of the sample

# sample: deleteServerGroup
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  --request DELETE "https://api.upcloud.com/1.3/server-group/$GROUP"
# end of the sample

# sample: restartServer
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server/$SERVER/restart" \
  --json '{"restart_server": {"stop_type": "soft", "timeout": "60", "timeout_action": "destroy"}}'
# end of the sample

# sample: cancelServerOperation
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  --request POST "https://api.upcloud.com/1.3/server/$SERVER/cancel"
# end of the sample

# sample: startServer
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server/$SERVER/start" \
  --json '{"server": {"start_type": "async"}}'
# end of the sample
wait_until started

# sample: stopServer
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" \
  "https://api.upcloud.com/1.3/server/$SERVER/stop" \
  --json '{"stop_server": {"stop_type": "soft", "timeout": "60"}}'
# end of the sample
wait_until stopped

# sample: deleteServer
curl --header "Authorization: Bearer $UPCLOUD_TOKEN" --request DELETE \
  "https://api.upcloud.com/1.3/server/$SERVER?storages=1"
# end of the sample

# sample: getMetadata
curl http://169.254.169.254/metadata/v1.json
# end of the sample

# sample: listMetadataFields
curl http://169.254.169.254/metadata/v1/
# end of the sample

# sample: getMetadataField
curl http://169.254.169.254/metadata/v1/region
# end of the sample
