//! A wrong edit of `openapi.yaml` must end the build with one sentence that names the place, not with a panic of the
//! generator. Each row edits the text of the real file and tells what the sentence has to say.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the build script shares this module and uses more of it")]

#[path = "../src/codegen/mod.rs"]
mod codegen;
#[path = "../xtask/src/planted/edit.rs"]
mod edit;

use edit::REAL;

/// One wrong edit: the first `right` behind `after` becomes `wrong`; `line` is a text on the line that the fault names.
struct Edit {
    after: &'static str,
    right: &'static str,
    wrong: &'static str,
    pointer: &'static str,
    line: &'static str,
    sentence: &'static str,
}

const EDITS: &[Edit] = &[
    Edit {
        after: "\n    ServerSummary:",
        right: "        license:",
        wrong: "        licence:",
        pointer: "#/components/schemas/ServerSummary/properties/licence",
        line: "        licence:",
        sentence: "licence is no property of Server, of which ServerSummary tells a part",
    },
    Edit {
        after: "operationId: getServer",
        right: "schemas/ServerResponse'",
        wrong: "schemas/ServerRespons'",
        pointer: "#/paths/~1server~1{uuid}/get/responses/200/content/application~1json/schema",
        line: "schemas/ServerRespons'",
        sentence: "`$ref` leads to #/components/schemas/ServerRespons, which does not exist",
    },
    Edit {
        after: "operationId: getServer",
        right: "'#/components/schemas/ServerResponse'",
        wrong: "'server.yaml#/ServerResponse'",
        pointer: "#/paths/~1server~1{uuid}/get/responses/200/content/application~1json/schema",
        line: "'server.yaml#/ServerResponse'",
        sentence: "only references within this file are possible",
    },
    Edit {
        after: "",
        right: "operationId: stopServer",
        wrong: "operationId: startServer",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/operationId",
        line: "operationId: startServer",
        sentence: "the operationId startServer is taken by #/paths/~1server~1{uuid}~1start/post already",
    },
    Edit {
        after: "/server/{uuid}/stop:",
        right: "      operationId: stopServer\n",
        wrong: "",
        pointer: "#/paths/~1server~1{uuid}~1stop/post",
        line: "post:",
        sentence: "an operation needs an operationId",
    },
    Edit {
        after: "",
        right: "operationId: stopServer",
        wrong: "operationId: stop server",
        pointer: "#/paths/~1server~1{uuid}~1stop/post",
        line: "post:",
        sentence: "an operation needs an operationId that is an identifier",
    },
    Edit {
        after: "operationId: stopServer",
        right: "x-idempotency: state-dependent",
        wrong: "x-idempotency: guarded",
        pointer: "#/paths/~1server~1{uuid}~1stop/post",
        line: "post:",
        sentence: "an operation needs `x-idempotency`, one of safe, idempotent, state-dependent, creates",
    },
    Edit {
        after: "operationId: getServer",
        right: "x-idempotency: safe",
        wrong: "x-idempotency: idempotent",
        pointer: "#/paths/~1server~1{uuid}/get/x-idempotency",
        line: "x-idempotency: idempotent",
        sentence: "GET and HEAD and no other method is safe",
    },
    Edit {
        after: "operationId: stopServer",
        right: "x-idempotency: state-dependent",
        wrong: "x-idempotency: safe",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/x-idempotency",
        line: "x-idempotency: safe",
        sentence: "GET and HEAD and no other method is safe",
    },
    Edit {
        after: "\n  /server/{uuid}:",
        right: "    get:\n      operationId: getServer\n      x-idempotency: safe",
        wrong: "    head:\n      operationId: getServer\n      x-idempotency: idempotent",
        pointer: "#/paths/~1server~1{uuid}/head/x-idempotency",
        line: "x-idempotency: idempotent",
        sentence: "GET and HEAD and no other method is safe",
    },
    Edit {
        after: "operationId: getServer\n",
        right: "      tags: [Servers]\n",
        wrong: "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Server'}}}}\n",
        pointer: "#/paths/~1server~1{uuid}/get/requestBody",
        line: "requestBody: {content:",
        sentence: "what is safe has no request body",
    },
    Edit {
        after: "\n    ModifyServer:\n",
        right: "        simple_backup:\n",
        wrong: "        backup_plan:\n",
        pointer: "#/components/schemas/ModifyServer/properties",
        line: "properties:",
        sentence: "setters.rs speaks of simple_backup of ModifyServer, which is not an optional attribute of a request",
    },
    Edit {
        after: "\n    CreateServer:\n",
        right: "required: [hostname, zone, title, networking, storage_devices]",
        wrong: "required: [hostname, zone, networking, storage_devices]",
        pointer: "#/components/schemas/CreateServer/properties/title",
        line: "title:",
        sentence: "setters.rs speaks of title of CreateServer, which is not a required attribute of a request",
    },
    Edit {
        after: "operationId: modifyServer\n",
        right: "x-idempotency: idempotent",
        wrong: "x-idempotency: creates",
        pointer: "#/paths/~1server~1{uuid}/put/x-idempotency",
        line: "x-idempotency: creates",
        sentence: "what makes a new thing is a POST",
    },
    Edit {
        after: "\n    Server:",
        right: "networking: {$ref: '#/components/schemas/Networking'}",
        wrong: "networking: {type: object, properties: {a: {type: string}}}",
        pointer: "#/components/schemas/Server/properties/networking",
        line: "networking: {type: object",
        sentence: "an object written inline has no name",
    },
    Edit {
        after: "operationId: stopServer",
        right: "x-error-codes: [SERVER_FORBIDDEN]",
        wrong: "x-error-codes: [SERVER_FORBIDEN]",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/responses/403/x-error-codes",
        line: "[SERVER_FORBIDEN]",
        sentence: "SERVER_FORBIDEN is not a value of ErrorCode",
    },
    Edit {
        after: "operationId: stopServer",
        right: "x-error-codes: [SERVER_FORBIDDEN]",
        wrong: "x-error-codes: [SERVER_FORBIDDEN, SERVER_FORBIDDEN]",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/responses/403/x-error-codes",
        line: "[SERVER_FORBIDDEN, SERVER_FORBIDDEN]",
        sentence: "SERVER_FORBIDDEN is listed twice for stopServer",
    },
    Edit {
        after: "\n    ErrorCode:",
        right: "        - ZONE_NOT_FOUND\n",
        wrong: "        - ZONE_NOT_FOUND\n        - ZONE_SUNK\n",
        pointer: "#/components/schemas/ErrorCode/enum",
        line: "      enum:",
        sentence: "ZONE_SUNK has no entry in `x-error-codes`",
    },
    Edit {
        after: "\n    ErrorCode:",
        right: "        - ACTION_INVALID\n",
        wrong: "",
        pointer: "#/components/schemas/ErrorCode/x-error-codes/ACTION_INVALID",
        line: "        ACTION_INVALID:",
        sentence: "ACTION_INVALID is described but is not in the enum",
    },
    Edit {
        after: "        SERVER_STATE_ILLEGAL:\n          kind",
        right: "passing: [maintenance]",
        wrong: "passing: [maintenence]",
        pointer: "#/components/schemas/ErrorCode/x-error-codes/SERVER_STATE_ILLEGAL",
        line: "SERVER_STATE_ILLEGAL:",
        sentence: "maintenence is no state of a server or a storage",
    },
    Edit {
        after: "        SERVER_STATE_ILLEGAL:\n          kind",
        right: "          wait: true\n",
        wrong: "",
        pointer: "#/components/schemas/ErrorCode/x-error-codes/SERVER_STATE_ILLEGAL",
        line: "SERVER_STATE_ILLEGAL:",
        sentence: "SERVER_STATE_ILLEGAL names states that pass but not `wait: true`",
    },
    Edit {
        after: "        HOT_RESIZE_UNAVAILABLE:\n          kind",
        right: "stop: true",
        wrong: "stop: true\n          wait: true",
        pointer: "#/components/schemas/ErrorCode/x-error-codes/HOT_RESIZE_UNAVAILABLE",
        line: "HOT_RESIZE_UNAVAILABLE:",
        sentence: "HOT_RESIZE_UNAVAILABLE cannot be cured by waiting and need a stop as well",
    },
    Edit {
        after: "\n    ErrorCode:",
        right: "kind: not_found",
        wrong: "kind: not_fund",
        pointer: "#/components/schemas/ErrorCode/x-error-codes/",
        line: "",
        sentence: "the kind \"not_fund\" is none of invalid_input,",
    },
    Edit {
        after: "\n    NicModel:",
        right: "enum: [",
        wrong: "enum: ['!', ",
        pointer: "#/components/schemas/NicModel/enum",
        line: "enum: ['!', ",
        sentence: "\"!\" makes no name for a value of its own",
    },
    Edit {
        after: "\n    NicModel:",
        right: "enum: [",
        wrong: "enum: [7, ",
        pointer: "#/components/schemas/NicModel/enum",
        line: "enum: [7, ",
        sentence: "7 makes no name for a value of its own",
    },
    Edit {
        after: "\n    ServerInterface:",
        right: "        mac:\n          type: string\n",
        wrong: "        mac:\n          type: string\n          enum: [a, b]\n",
        pointer: "#/components/schemas/ServerInterface/properties/mac",
        line: "        mac:",
        sentence: "an enum needs a name",
    },
    Edit {
        after: "\n    ServerResponse:",
        right: "required: [server]",
        wrong: "required: [servr]",
        pointer: "#/components/schemas/ServerResponse/required",
        line: "required: [servr]",
        sentence: "servr is required but is no property of ServerResponse",
    },
    Edit {
        after: "\n    ModifyServer:",
        right: "          description: The order of boot devices.",
        wrong: "          default: disk\n          description: The order of boot devices.",
        pointer: "#/components/schemas/ModifyServer/properties/boot_order/default",
        line: "          default: disk",
        sentence: "a default in a modification would be read as a reset",
    },
    Edit {
        after: "operationId: startServer",
        right: "      responses:\n",
        wrong: "      responses:\n        '202':\n          description: Another.\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/ServersResponse'}\n",
        pointer: "#/paths/~1server~1{uuid}~1start/post/responses/202",
        line: "        '202':",
        sentence: "all successful responses of an operation must have one schema",
    },
    Edit {
        after: "operationId: startServer",
        right: "        '200':",
        wrong: "        '300':",
        pointer: "#/paths/~1server~1{uuid}~1start/post/responses",
        line: "      responses:",
        sentence: "an operation needs a response for success",
    },
    Edit {
        after: "\npaths:",
        right: "  /server/{uuid}/stop:\n    parameters:\n      - $ref: '#/components/parameters/ServerUuid'\n",
        wrong: "  /server/{uuid}/stop:\n",
        pointer: "#/paths/~1server~1{uuid}~1stop/post",
        line: "    post:",
        sentence: "the path and its parameters do not agree about uuid",
    },
    Edit {
        after: "\n    ServerResponse:",
        right: "      type: object\n",
        wrong: "      type: object\n      type: object\n",
        pointer: "#",
        line: "      type: object",
        sentence: "this is no valid YAML",
    },
    Edit {
        after: "\n    ServerResponse:",
        right: "      type: object\n",
        wrong: "      type: [object\n",
        pointer: "#",
        line: "",
        sentence: "this is no valid YAML",
    },
    Edit {
        after: "operationId: createServer\n",
        right: "          application/json:",
        wrong: "          application/xml:",
        pointer: "#/paths/~1server/post/requestBody",
        line: "      requestBody:",
        sentence: "a request body is `application/json` alone",
    },
    Edit {
        after: "\n    TagList:",
        right: "      properties:\n",
        wrong: "      properties:\n        total: {type: integer, description: How many.}\n",
        pointer: "#/components/schemas/TagList",
        line: "    TagList:",
        sentence: "a schema named ...List is an envelope",
    },
    Edit {
        after: "\n    TagList:",
        right: "          type: array\n",
        wrong: "          type: string\n",
        pointer: "#/components/schemas/TagList/properties/tag",
        line: "        tag:",
        sentence: "`items` belong to the type array, not to string",
    },
    Edit {
        after: "",
        right: "openapi: 3.0.3",
        wrong: "openapi: 3.1.0",
        pointer: "#/openapi",
        line: "openapi: 3.1.0",
        sentence: "the generator reads OpenAPI 3.0 only",
    },
    Edit {
        after: "\n    Server:",
        right: "        license:\n          type: number\n",
        wrong: "        license:\n          type: nummer\n",
        pointer: "#/components/schemas/Server/properties/license",
        line: "        license:",
        sentence: "the type \"nummer\" is none of",
    },
    Edit {
        after: "\n    ServerInterface:",
        right: "        mac:\n          type: string\n",
        wrong: "        mac:\n",
        pointer: "#/components/schemas/ServerInterface/properties/mac",
        line: "        mac:",
        sentence: "a property needs a `type` or a `$ref`",
    },
    Edit {
        after: "\n    ServerState:",
        right: "      type: string\n",
        wrong: "      type: integer\n",
        pointer: "#/components/schemas/ServerState",
        line: "    ServerState:",
        sentence: "an enum is a list of texts, so its type is string",
    },
    Edit {
        after: "\n    YesNo:",
        right: "enum: ['yes', 'no']",
        wrong: "enum: ['yes', 'no', 'perhaps']",
        pointer: "#/components/schemas/YesNo",
        line: "    YesNo:",
        sentence: "no codec of `src/wire` spells an `x-value` in this way",
    },
    Edit {
        after: "\n    Server:",
        right: "        server_group:\n          type: string\n",
        wrong: "        server_group:\n          type: array\n",
        pointer: "#/components/schemas/Server/properties/server_group",
        line: "        server_group:",
        sentence: "an array needs `items`",
    },
    Edit {
        after: "\n    PortString:",
        right: "format: uint16",
        wrong: "format: uint8",
        pointer: "#/components/schemas/Server/properties/remote_access_port",
        line: "        remote_access_port:",
        sentence: "the codec NumberText cannot carry the generated type",
    },
    Edit {
        after: "\n    TagList:",
        right: "      type: object",
        wrong: "      type: array",
        pointer: "#/components/schemas/TagList",
        line: "    TagList:",
        sentence: "an array needs `items`",
    },
    Edit {
        after: "operationId: startServer",
        right: "schema: {$ref: '#/components/schemas/ServerResponse'}",
        wrong: "schema: {type: array, items: {$ref: '#/components/schemas/Server'}}",
        pointer: "#/paths/~1server~1{uuid}~1start/post/responses/200",
        line: "        '200':",
        sentence: "a JSON response needs a schema that is a `$ref` to a named one",
    },
    Edit {
        after: "\nopenapi: ",
        right: "paths:\n",
        wrong: "pahts:\n",
        pointer: "#",
        line: "",
        sentence: "`paths` is missing",
    },
    Edit {
        after: "\n    ErrorCode:",
        right: "ErrorCode:",
        wrong: "ErorCode:",
        pointer: "#/components/schemas/ErrorDetail/properties/code/allOf/0",
        line: "schemas/ErrorCode'",
        sentence: "which does not exist",
    },
    Edit {
        after: "\n    ServerResponse:",
        right: "required: [server]",
        wrong: "required: server",
        pointer: "#/components/schemas/ServerResponse",
        line: "    ServerResponse:",
        sentence: "this is not what OpenAPI has in this place: invalid type: string \"server\", expected a sequence",
    },
    Edit {
        after: "operationId: startServer",
        right: "tags: [Servers]",
        wrong: "tags: Servers",
        pointer: "#/paths/~1server~1{uuid}~1start/post",
        line: "    post:",
        sentence: "this is not what OpenAPI has in this place",
    },
    Edit {
        after: "\n    Limit:",
        right: "in: query",
        wrong: "in: querry",
        pointer: "#/components/parameters/Limit",
        line: "    Limit:",
        sentence: "this is not what OpenAPI has in this place",
    },
    Edit {
        after: "\n    Limit:",
        right: "schema: {type: integer,",
        wrong: "schema: {type: integger,",
        pointer: "#/components/parameters/Limit/schema",
        line: "schema: {type: integger,",
        sentence: "the type \"integger\" is none of",
    },
    Edit {
        after: "\n    MemberUuid:",
        right: "      required: true\n",
        wrong: "",
        pointer: "#/paths/~1server-group~1{uuid}~1servers~1{server_uuid}/delete",
        line: "    delete:",
        sentence: "the path parameter server_uuid must be `required: true`",
    },
    Edit {
        after: "\n    Hostname:",
        right: "x-error-code: HOSTNAME_INVALID",
        wrong: "x-error-code: HOSTNAME_INVALD",
        pointer: "#/components/schemas/Hostname/x-error-code",
        line: "HOSTNAME_INVALD",
        sentence: "HOSTNAME_INVALD is not a value of ErrorCode",
    },
    Edit {
        after: "\n    CreateStorageDeviceList:",
        right: "{minItems: STORAGE_DEVICE_MISSING",
        wrong: "{minItem: STORAGE_DEVICE_MISSING",
        pointer: "#/components/schemas/CreateStorageDeviceList/properties/storage_device/x-error-code",
        line: "{minItem: STORAGE_DEVICE_MISSING",
        sentence: "minItem is no limit: minLength, maxLength,",
    },
    Edit {
        after: "\n    CreateStorageDeviceList:",
        right: "          maxItems: 16\n",
        wrong: "",
        pointer: "#/components/schemas/CreateStorageDeviceList/properties/storage_device/x-error-code",
        line: "x-error-code: {minItems: STORAGE_DEVICE_MISSING",
        sentence: "maxItems is no limit of this value",
    },
    Edit {
        after: "\n    BootOrder:",
        right: "x-allowed: disk, cdrom and network, one or several with commas",
        wrong: "x-allowed: [disk, cdrom, network]",
        pointer: "#/components/schemas/BootOrder/x-allowed",
        line: "x-allowed: [disk, cdrom, network]",
        sentence: "`x-allowed` is a text, or a text for each limit",
    },
    Edit {
        after: "\n    LabelInput:",
        right: "x-enforced: [minLength]",
        wrong: "x-enforced: [minItems]",
        pointer: "#/components/schemas/LabelInput/properties/key/x-enforced",
        line: "x-enforced: [minItems]",
        sentence: "minItems is no limit of this value",
    },
    Edit {
        after: "\n    LabelInput:",
        right: "x-enforced: [minLength]",
        wrong: "x-enforced: [minLength, pattern]",
        pointer: "#/components/schemas/LabelInput/properties/key",
        line: "key:",
        sentence: "no function of `src/checks/forms.rs` reads this pattern",
    },
    Edit {
        after: "\n    CreateStorageDevice:",
        right: "x-enforced: {action: [create, clone]}",
        wrong: "x-enforced: {encrypted: ['yes']}",
        pointer: "#/components/schemas/CreateStorageDevice/properties/encrypted",
        line: "encrypted:",
        sentence: "a condition is about a property with an enum of texts",
    },
    Edit {
        after: "\ntags:",
        right: "tags:",
        wrong: "tags: Servers\nx-tags:",
        pointer: "#/tags",
        line: "tags: Servers",
        sentence: "this is not what OpenAPI has in this place",
    },
];

#[test]
fn the_file_as_it_is_has_no_fault() {
    let generated = codegen::generate(REAL).unwrap_or_else(|fault| panic!("{}", fault.in_file("openapi.yaml")));
    assert!(generated.client.contains("pub async fn create_server") && generated.tables.contains("enum ErrorCode"));
}

#[test]
fn a_wrong_edit_ends_in_a_sentence_that_names_the_place() {
    let mut wrong = Vec::new();
    for edit in EDITS {
        let yaml = edit::Edit::behind(edit.after, edit.right, edit.wrong).apply(REAL);
        let what = format!("{:?} -> {:?}", edit.right, edit.wrong);
        let Err(fault) = codegen::generate(&yaml) else {
            wrong.push(format!("{what}: no fault"));
            continue;
        };
        let sentence = fault.in_file("openapi.yaml");
        let line = yaml.lines().nth(fault.line - 1).unwrap_or_default();
        if !fault.pointer.starts_with(edit.pointer) || !fault.sentence.contains(edit.sentence) {
            wrong.push(format!("{what}: expected {} and {:?}: {sentence}", edit.pointer, edit.sentence));
        }
        if !line.contains(edit.line) {
            wrong.push(format!("{what}: expected the line {:?}, not {line:?}: {sentence}", edit.line));
        }
        if sentence.contains('\n') || sentence.len() > 400 {
            wrong.push(format!("{what}: this is no single short sentence: {sentence}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text of all `impl NAME { .. }` of the generated types.
fn methods(types: &str, name: &str) -> String {
    let begin = format!("    impl {name} {{\n");
    types.split(&begin).skip(1).filter_map(|rest| rest.split("\n    }\n").next()).collect()
}

#[test]
fn every_attribute_that_a_request_may_leave_out_has_a_setter() {
    let spec = codegen::spec::Spec::parse(REAL).expect("the real file");
    let types = codegen::generate(REAL).expect("the real file").types;
    let wanted = codegen::setters::wanted(&spec);
    let mut missing = Vec::new();
    let mut by_hand = Vec::new();
    for (schema, property, method) in &wanted {
        match method {
            Some(method) if methods(&types, schema).contains(&format!("pub fn {method}(")) => {}
            Some(method) => missing.push(format!("{schema}::{method}")),
            None => by_hand.push((schema.as_str(), property.as_str())),
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(by_hand, codegen::setters::BY_HAND, "by hand");
    for (schema, _, method) in codegen::setters::RENAMED {
        assert!(
            wanted.iter().any(|(of, _, name)| of == schema && name.as_deref() == Some(method)),
            "{schema}::{method}"
        );
    }
    assert!(wanted.len() > codegen::setters::BY_HAND.len() + codegen::setters::RENAMED.len());
}

#[test]
fn a_setter_tells_what_the_description_says() {
    let types = codegen::generate(REAL).expect("the real file").types;
    let of = methods(&types, "ModifyServer");
    let (before, _) = of.split_once("pub fn hostname(").expect("a setter");
    let docs = &before[before.rfind("\n        }\n").unwrap_or_default()..];
    assert!(docs.contains("at most 128 characters"), "{docs}");
    assert!(docs.contains("[`HostnameInvalid`](crate::ErrorCode::HostnameInvalid)"), "{docs}");
}
