//! A table of planted changes: each is an edit of the committed description, rated forth and back, because what breaks one
//! way is harmless the other way.

use super::{
    change::{Area, Change, Level},
    compare,
};
use crate::{codegen::spec::Spec, planted::REAL};

use Area::{Names, Wire};
use Level::{Breaking, Compatible, Patch};

/// An edit: the first `from` behind `after` becomes `to`.
struct Edit {
    after: &'static str,
    from: &'static str,
    to: &'static str,
    /// Where the change is seen on the way forth.
    pointer: &'static str,
    forth: (Level, Area, &'static str),
    back: (Level, Area, &'static str),
}

const EDITS: &[Edit] = &[
    // Words.
    Edit {
        after: "\n    ServerState:",
        from: "started: Up and running.",
        to: "started: Running.",
        pointer: "#/components/schemas/ServerState/x-enum-descriptions/started",
        forth: (Patch, Wire, "words for readers"),
        back: (Patch, Wire, "words for readers"),
    },
    Edit {
        after: "",
        from: "summary: List servers\n",
        to: "summary: List all servers\n",
        pointer: "#/paths/~1server/get/summary",
        forth: (Patch, Wire, "words for readers"),
        back: (Patch, Wire, "words for readers"),
    },
    Edit {
        after: "\n    Timezones:",
        from: "[Europe/Berlin, Europe/Helsinki, UTC]",
        to: "[Europe/Berlin, UTC]",
        pointer: "#/components/examples/Timezones/value/timezones/timezone",
        forth: (Patch, Wire, "words for readers"),
        back: (Patch, Wire, "words for readers"),
    },
    // Operations and their names.
    Edit {
        after: "",
        from: "  /timezone:\n",
        to: "  /time_zone:\n",
        pointer: "#/paths/~1timezone/get",
        forth: (Breaking, Wire, "listTimezones is called at GET /time_zone now"),
        back: (Breaking, Wire, "listTimezones is called at GET /timezone now"),
    },
    Edit {
        after: "operationId: getServer",
        from: "    delete:\n",
        to: "    x-delete:\n",
        pointer: "#/paths/~1server~1{uuid}/",
        forth: (Breaking, Wire, "the operation deleteServer is gone"),
        back: (Breaking, Wire, "cannot tell what this change means"),
    },
    Edit {
        after: "",
        from: "operationId: stopServer",
        to: "operationId: stopMachine",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/operationId",
        forth: (Breaking, Names, "went from stopServer to stopMachine"),
        back: (Breaking, Names, "went from stopMachine to stopServer"),
    },
    Edit {
        after: "operationId: listPlans",
        from: "tags: [Look-ups]",
        to: "tags: [Servers]",
        pointer: "#/paths/~1plan/get/tags",
        forth: (Breaking, Names, "many generators group by it"),
        back: (Breaking, Names, "many generators group by it"),
    },
    // Parameters.
    Edit {
        after: "operationId: listServers\n",
        from: "        - $ref: '#/components/parameters/Offset'\n",
        to: "",
        pointer: "#/paths/~1server/get/parameters",
        forth: (Breaking, Wire, "listServers no longer takes the parameter offset"),
        back: (Compatible, Wire, "listServers takes the new parameter offset"),
    },
    Edit {
        after: "\n    Limit:\n",
        from: "in: query\n",
        to: "in: query\n      required: true\n",
        pointer: "#/components/parameters/Limit/required",
        forth: (Breaking, Wire, "requests without it are refused"),
        back: (Compatible, Wire, "requests may leave it out"),
    },
    Edit {
        after: "\n    Limit:\n",
        from: "schema: {type: integer, format: uint64, minimum: 1}",
        to: "schema: {type: integer, format: uint64, minimum: 1, maximum: 100}",
        pointer: "#/components/parameters/Limit/schema/maximum",
        forth: (Breaking, Wire, "`maximum` 100 is new: requests that were right are refused"),
        back: (Compatible, Wire, "`maximum` 100 is gone: requests may say more"),
    },
    Edit {
        after: "\n    LabelFilter:\n",
        from: "explode: true",
        to: "explode: false",
        pointer: "#/components/parameters/LabelFilter/explode",
        forth: (Breaking, Wire, "written in another way"),
        back: (Breaking, Wire, "written in another way"),
    },
    // Answers and error codes.
    Edit {
        after: "operationId: startServer",
        from: "        '200':",
        to: "        '202':",
        pointer: "#/paths/~1server~1{uuid}~1start/post/responses/200",
        forth: (Breaking, Wire, "the answer 200 is gone"),
        back: (Breaking, Wire, "the answer 200 is new, and clients do not expect it"),
    },
    Edit {
        after: "operationId: stopServer",
        from: "            - STOP_TYPE_INVALID\n",
        to: "",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/responses/400/x-error-codes",
        forth: (Compatible, Wire, "STOP_TYPE_INVALID is no longer listed"),
        back: (Compatible, Wire, "STOP_TYPE_INVALID is listed for this answer now"),
    },
    Edit {
        after: "\n    ErrorCode:",
        from: "        - ZONE_NOT_FOUND\n",
        to: "",
        pointer: "#/components/schemas/ErrorCode/enum",
        forth: (
            Breaking,
            Names,
            "the value ZONE_NOT_FOUND is gone: it is not answered any more, and its constant is gone",
        ),
        back: (Compatible, Wire, "the value ZONE_NOT_FOUND is new: the enum was open"),
    },
    Edit {
        after: "operationId: stopServer",
        from: "            application/problem+json:\n              schema: {$ref: '#/components/schemas/Problem'}\n",
        to: "",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/responses/400/content/application~1problem+json",
        forth: (Breaking, Wire, "application/problem+json is gone"),
        back: (Compatible, Wire, "application/problem+json is new"),
    },
    // Properties: a request, an answer.
    Edit {
        after: "\n    CreateServer:",
        from: "        login_user: {$ref: '#/components/schemas/LoginUser'}\n",
        to: "",
        pointer: "#/components/schemas/CreateServer/properties/login_user",
        forth: (Breaking, Wire, "the property login_user is gone, and requests that name it are refused"),
        back: (Compatible, Wire, "the property login_user is new: requests may have it"),
    },
    Edit {
        after: "\n    Server:\n",
        from: "        hostname: {$ref: '#/components/schemas/Hostname'}\n",
        to: "",
        pointer: "#/components/schemas/Server/properties/hostname",
        forth: (Breaking, Wire, "the property hostname is gone, and clients read it"),
        back: (Compatible, Wire, "the property hostname is new: answers may have it"),
    },
    Edit {
        after: "\n    CreateServer:",
        from: "        login_user: {$ref: '#/components/schemas/LoginUser'}\n",
        to: "        login: {$ref: '#/components/schemas/LoginUser'}\n",
        pointer: "#/components/schemas/CreateServer/properties/login",
        forth: (Breaking, Wire, "the property login_user is called login now"),
        back: (Breaking, Wire, "the property login is called login_user now"),
    },
    Edit {
        after: "\n    CreateServer:",
        from: "required: [hostname, networking,",
        to: "required: [hostname, login_user, networking,",
        pointer: "#/components/schemas/CreateServer/required",
        forth: (Breaking, Wire, "login_user is required now: requests that were right are refused"),
        back: (Compatible, Wire, "login_user is no longer required: requests may say more"),
    },
    Edit {
        after: "\n    AntiAffinityStatus:",
        from: "required: [uuid, status]",
        to: "required: [uuid]",
        pointer: "#/components/schemas/AntiAffinityStatus/required",
        forth: (Breaking, Wire, "status is no longer required: clients rely on it"),
        back: (Compatible, Wire, "status is required now: answers promise more"),
    },
    // A schema that travels both ways: the stricter rating counts.
    Edit {
        after: "\n    Hostname:",
        from: "maxLength: 128",
        to: "maxLength: 255",
        pointer: "#/components/schemas/Hostname/maxLength",
        forth: (Breaking, Wire, "went from 128 to 255: answers may hold what clients do not expect"),
        back: (Breaking, Wire, "went from 255 to 128: requests that were right are refused"),
    },
    // Types, formats and constraints.
    Edit {
        after: "\n    SshKeyList:",
        from: "maxItems: 32",
        to: "maxItems: 16",
        pointer: "#/components/schemas/SshKeyList/properties/ssh_key/maxItems",
        forth: (Breaking, Wire, "requests that were right are refused"),
        back: (Compatible, Wire, "requests may say more"),
    },
    Edit {
        after: "\n    Server:\n",
        from: "        license:\n          type: number\n          format: double\n",
        to: "        license:\n          type: integer\n          format: double\n",
        pointer: "#/components/schemas/Server/properties/license/type",
        forth: (Compatible, Wire, "answers promise more"),
        back: (Breaking, Wire, "answers may hold what clients do not expect"),
    },
    Edit {
        after: "\n    Server:\n",
        from: "          type: integer\n          format: int64\n",
        to: "          type: string\n          format: int64\n",
        pointer: "#/components/schemas/Server/properties/created/type",
        forth: (Breaking, Wire, "answers may be others"),
        back: (Breaking, Wire, "answers may be others"),
    },
    Edit {
        after: "\n    Server:\n",
        from: "          type: integer\n          format: int64\n",
        to: "          type: integer\n",
        pointer: "#/components/schemas/Server/properties/created/format",
        forth: (Breaking, Wire, "`format` int64 is gone"),
        back: (Compatible, Wire, "`format` int64 is new: answers promise more"),
    },
    Edit {
        after: "\n    ServerSummary:",
        from: "          nullable: true\n",
        to: "",
        pointer: "#/components/schemas/ServerSummary/properties/server_group/nullable",
        forth: (Compatible, Wire, "answers promise more"),
        back: (Breaking, Wire, "answers may hold what clients do not expect"),
    },
    Edit {
        after: "\n    NumericString:",
        from: "x-value: {type: integer, format: uint64, minimum: 0}",
        to: "x-value: {type: integer, format: int64, minimum: 0}",
        pointer: "#/components/schemas/NumericString/x-value",
        forth: (Breaking, Names, "the value is of another type"),
        back: (Breaking, Names, "the value is of another type"),
    },
    Edit {
        after: "\n    StopServer:",
        from: "default: soft",
        to: "default: hard",
        pointer: "#/components/schemas/StopServer/properties/stop_type/default",
        forth: (Breaking, Wire, "leaving it out means something else"),
        back: (Breaking, Wire, "leaving it out means something else"),
    },
    Edit {
        after: "\n    Server:\n",
        from: "        core_number:\n          allOf: [{$ref: '#/components/schemas/NumericString'}]",
        to: "        core_number:\n          allOf: [{$ref: '#/components/schemas/HostId'}]",
        pointer: "#/components/schemas/HostId/type",
        forth: (Breaking, Wire, "`type` went from string to integer"),
        back: (Breaking, Names, "the type is NumericString now and was HostId"),
    },
    // Enums: open, closed, of a request.
    Edit {
        after: "\n    ServerState:",
        from: "enum: ['started', 'stopped',",
        to: "enum: ['frozen', 'started', 'stopped',",
        pointer: "#/components/schemas/ServerState/enum",
        forth: (Compatible, Wire, "the value frozen is new: the enum was open"),
        back: (Breaking, Names, "the value frozen is gone"),
    },
    Edit {
        after: "\n    ServerState:",
        from: "      x-open-enum: true\n",
        to: "",
        pointer: "#/components/schemas/ServerState/x-open-enum",
        forth: (Compatible, Wire, "answers promise more"),
        back: (Breaking, Wire, "answers may hold what clients do not expect"),
    },
    Edit {
        after: "\n    StopType:",
        from: "enum: ['soft', 'hard']",
        to: "enum: ['soft', 'hard', 'later']",
        pointer: "#/components/schemas/StopType/enum",
        forth: (Compatible, Wire, "the value later is new: requests may say more"),
        back: (Breaking, Wire, "the value later is gone: requests that were right are refused"),
    },
    Edit {
        after: "\n    AntiAffinity:",
        from: "x-enum-varnames: [STRICT, BEST_EFFORT, NONE]",
        to: "x-enum-varnames: [STRICT, TRY, NONE]",
        pointer: "#/components/schemas/AntiAffinity/x-enum-varnames",
        forth: (Breaking, Names, "constants have other names"),
        back: (Breaking, Names, "constants have other names"),
    },
    // Where the API is, and who may use it.
    Edit {
        after: "\nservers:",
        from: "https://api.upcloud.com/1.3",
        to: "https://api.upcloud.com/1.4",
        pointer: "#/servers",
        forth: (Breaking, Wire, "is no longer where the API is"),
        back: (Breaking, Wire, "is no longer where the API is"),
    },
    Edit {
        after: "\nsecurity:",
        from: "  - basicAuth: []\n",
        to: "",
        pointer: "#/security",
        forth: (Breaking, Wire, "is no longer a way to authenticate"),
        back: (Compatible, Wire, "is a further way to authenticate"),
    },
    // What nobody taught this command.
    Edit {
        after: "\n    Hostname:",
        from: "type: string\n",
        to: "type: string\n      x-tomorrow: true\n",
        pointer: "#/components/schemas/Hostname/x-tomorrow",
        forth: (Breaking, Wire, "cannot tell what this means"),
        back: (Breaking, Wire, "cannot tell what this means"),
    },
    Edit {
        after: "operationId: stopServer",
        from: "      responses:\n",
        to: "      x-tomorrow: true\n      responses:\n",
        pointer: "#/paths/~1server~1{uuid}~1stop/post/x-tomorrow",
        forth: (Breaking, Wire, "cannot tell what this change means"),
        back: (Breaking, Wire, "cannot tell what this change means"),
    },
];

fn apply(edit: &Edit) -> String {
    let behind = REAL.find(edit.after).unwrap_or_else(|| panic!("{:?} is not in openapi.yaml", edit.after));
    let at = REAL[behind..].find(edit.from).unwrap_or_else(|| panic!("{:?} is not behind {:?}", edit.from, edit.after));
    let at = behind + at;
    format!("{}{}{}", &REAL[..at], edit.to, &REAL[at + edit.from.len()..])
}

fn told(changes: &[Change]) -> String {
    changes.iter().map(|change| change.told("v1") + "\n").collect()
}

#[test]
fn each_planted_change_is_rated_forth_and_back() {
    let mut wrong = Vec::new();
    for edit in EDITS {
        let (old, new) = (Spec::parse(REAL).unwrap(), Spec::parse(&apply(edit)).unwrap());
        for (before, after, expected, forth) in [(&old, &new, edit.forth, true), (&new, &old, edit.back, false)] {
            let changes = compare::changes(before, after);
            let highest = changes.iter().map(|change| change.level).max();
            let (level, area, words) = expected;
            let hit = changes.iter().any(|change| {
                change.level == level && change.area == area && change.sentence.contains(words) && {
                    let was = change.before.as_ref().map(|(pointer, _)| pointer.as_str());
                    !forth || change.after.0.starts_with(edit.pointer) || was == Some(edit.pointer)
                }
            });
            if !hit || highest != Some(level) {
                wrong.push(format!(
                    "{:?} -> {:?}: expected {expected:?} at {}:\n{}",
                    edit.from,
                    edit.to,
                    edit.pointer,
                    told(&changes)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn remarks_and_layout_are_no_change() {
    let real = Spec::parse(REAL).unwrap();
    let (flow, block) = ("required: [uuid, status]", "required:\n        - uuid\n        - status");
    let other = format!("# A remark.\n{}", REAL.replacen(flow, block, 1));
    assert!(other.contains(block));
    assert_eq!(compare::changes(&real, &Spec::parse(&other).unwrap()), []);
}

#[test]
fn a_change_names_the_lines_of_both_sides() {
    let edit = EDITS.iter().find(|edit| edit.to.contains("frozen")).unwrap();
    let text = format!("# One line more.\n{}", apply(edit));
    let line = |text: &str, part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    let changes = compare::changes(&Spec::parse(REAL).unwrap(), &Spec::parse(&text).unwrap());
    let (new, old) = (line(&text, "'frozen'"), line(REAL, "enum: ['started', 'stopped'"));
    assert_eq!(
        told(&changes),
        format!(
            "openapi.yaml:{new}: #/components/schemas/ServerState/enum: compatible: the value frozen is new: the enum was \
             open, so clients are prepared (line {old} in v1)\n"
        )
    );
}

/// Whatever is taken out of the description, `diff` says something: nothing that a reader could see escapes it.
#[test]
fn no_line_can_vanish_unnoticed() {
    let real = Spec::parse(REAL).unwrap();
    let lines: Vec<&str> = REAL.lines().collect();
    let mut looked_at = 0;
    // A prime step visits lines of every kind without the cost of all of them.
    for n in (0..lines.len()).step_by(97) {
        let rest: Vec<&str> = lines.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, line)| *line).collect();
        let Ok(spec) = Spec::parse(&rest.join("\n")) else { continue };
        if spec.document() == real.document() {
            continue;
        }
        looked_at += 1;
        assert!(!compare::changes(&real, &spec).is_empty(), "line {} vanished unnoticed: {}", n + 1, lines[n]);
    }
    assert!(looked_at > 20, "only {looked_at} lines were looked at");
}
