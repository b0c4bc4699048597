//! A table of planted changes: each is an edit of the committed description, rated forth and back, because what breaks one
//! way is harmless the other way.

use super::{
    change::{Area, Change, Level},
    compare,
};
use crate::{
    codegen::spec::Spec,
    planted::{Edit, REAL, line},
};

use Area::{Names, Wire};
use Level::{Breaking, Compatible, Patch};

struct Planted {
    edit: Edit<'static>,
    /// Where the change is seen on the way forth.
    pointer: &'static str,
    forth: (Level, Area, &'static str),
    back: (Level, Area, &'static str),
}

const CHANGES: &[Planted] = &[
    // Words.
    Planted {
        edit: Edit::behind("\n    ServerState:", "started: Up and running.", "started: Running."),
        pointer: "#/components/schemas/ServerState/x-enum-descriptions/started",
        forth: (Patch, Wire, "words for readers"),
        back: (Patch, Wire, "words for readers"),
    },
    Planted {
        edit: Edit::first("summary: List servers\n", "summary: List all servers\n"),
        pointer: "#/paths/~1server/get/summary",
        forth: (Patch, Wire, "words for readers"),
        back: (Patch, Wire, "words for readers"),
    },
    Planted {
        edit: Edit::behind("\n    Timezones:", "[Europe/Berlin, Europe/Helsinki, UTC]", "[Europe/Berlin, UTC]"),
        pointer: "#/components/examples/Timezones/value/timezones/timezone",
        forth: (Patch, Wire, "words for readers"),
        back: (Patch, Wire, "words for readers"),
    },
    // Operations and their names.
    Planted {
        edit: Edit::first("  /timezone:\n", "  /time_zone:\n"),
        pointer: "#/paths/~1timezone/get",
        forth: (Breaking, Wire, "listTimezones is called at GET /time_zone now"),
        back: (Breaking, Wire, "listTimezones is called at GET /timezone now"),
    },
    Planted {
        edit: Edit::behind("operationId: getServer", "    delete:\n", "    x-delete:\n"),
        pointer: "#/paths/~1server~1{uuid}/",
        forth: (Breaking, Wire, "the operation deleteServer is gone"),
        back: (Breaking, Wire, "cannot tell what this change means"),
    },
    Planted {
        edit: Edit::first("operationId: stopServer", "operationId: stopMachine"),
        pointer: "#/paths/~1server~1{uuid}~1stop/post/operationId",
        forth: (Breaking, Names, "went from stopServer to stopMachine"),
        back: (Breaking, Names, "went from stopMachine to stopServer"),
    },
    Planted {
        edit: Edit::behind("operationId: listPlans", "tags: [Look-ups]", "tags: [Servers]"),
        pointer: "#/paths/~1plan/get/tags",
        forth: (Breaking, Names, "many generators group by it"),
        back: (Breaking, Names, "many generators group by it"),
    },
    // Parameters.
    Planted {
        edit: Edit::behind("operationId: listServers\n", "        - $ref: '#/components/parameters/Offset'\n", ""),
        pointer: "#/paths/~1server/get/parameters",
        forth: (Breaking, Wire, "listServers no longer takes the parameter offset"),
        back: (Compatible, Wire, "listServers takes the new parameter offset"),
    },
    Planted {
        edit: Edit::behind("\n    Limit:\n", "in: query\n", "in: query\n      required: true\n"),
        pointer: "#/components/parameters/Limit/required",
        forth: (Breaking, Wire, "requests without it are refused"),
        back: (Compatible, Wire, "requests may leave it out"),
    },
    Planted {
        edit: Edit::behind(
            "\n    Limit:\n",
            "schema: {type: integer, format: uint64, minimum: 1}",
            "schema: {type: integer, format: uint64, minimum: 1, maximum: 100}",
        ),
        pointer: "#/components/parameters/Limit/schema/maximum",
        forth: (Breaking, Wire, "`maximum` 100 is new: requests that were right are refused"),
        back: (Compatible, Wire, "`maximum` 100 is gone: requests may say more"),
    },
    Planted {
        edit: Edit::behind("\n    LabelFilter:\n", "explode: true", "explode: false"),
        pointer: "#/components/parameters/LabelFilter/explode",
        forth: (Breaking, Wire, "written in another way"),
        back: (Breaking, Wire, "written in another way"),
    },
    // Answers and error codes.
    Planted {
        edit: Edit::behind("operationId: startServer", "        '200':", "        '202':"),
        pointer: "#/paths/~1server~1{uuid}~1start/post/responses/200",
        forth: (Breaking, Wire, "the answer 200 is gone"),
        back: (Breaking, Wire, "the answer 200 is new, and clients do not expect it"),
    },
    Planted {
        edit: Edit::behind("operationId: stopServer", "            - STOP_TYPE_INVALID\n", ""),
        pointer: "#/paths/~1server~1{uuid}~1stop/post/responses/400/x-error-codes",
        forth: (Compatible, Wire, "STOP_TYPE_INVALID is no longer listed"),
        back: (Compatible, Wire, "STOP_TYPE_INVALID is listed for this answer now"),
    },
    Planted {
        edit: Edit::behind("\n    ErrorCode:", "        - ZONE_NOT_FOUND\n", ""),
        pointer: "#/components/schemas/ErrorCode/enum",
        forth: (
            Breaking,
            Names,
            "the value ZONE_NOT_FOUND is gone: it is not answered any more, and its constant is gone",
        ),
        back: (Compatible, Wire, "the value ZONE_NOT_FOUND is new: the enum was open"),
    },
    Planted {
        edit: Edit::behind(
            "operationId: stopServer",
            "            application/problem+json:\n              schema: {$ref: '#/components/schemas/Problem'}\n",
            "",
        ),
        pointer: "#/paths/~1server~1{uuid}~1stop/post/responses/400/content/application~1problem+json",
        forth: (Breaking, Wire, "application/problem+json is gone"),
        back: (Compatible, Wire, "application/problem+json is new"),
    },
    // Properties: a request, an answer.
    Planted {
        edit: Edit::behind("\n    CreateServer:", "        login_user: {$ref: '#/components/schemas/LoginUser'}\n", ""),
        pointer: "#/components/schemas/CreateServer/properties/login_user",
        forth: (Breaking, Wire, "the property login_user is gone, and requests that name it are refused"),
        back: (Compatible, Wire, "the property login_user is new: requests may have it"),
    },
    Planted {
        edit: Edit::behind(
            "\n    Server:\n",
            "        hostname: {$ref: '#/components/schemas/ReportedHostname'}\n",
            "",
        ),
        pointer: "#/components/schemas/Server/properties/hostname",
        forth: (Breaking, Wire, "the property hostname is gone, and clients read it"),
        back: (Compatible, Wire, "the property hostname is new: answers may have it"),
    },
    Planted {
        edit: Edit::behind(
            "\n    CreateServer:",
            "        login_user: {$ref: '#/components/schemas/LoginUser'}\n",
            "        login: {$ref: '#/components/schemas/LoginUser'}\n",
        ),
        pointer: "#/components/schemas/CreateServer/properties/login",
        forth: (Breaking, Wire, "the property login_user is called login now"),
        back: (Breaking, Wire, "the property login is called login_user now"),
    },
    Planted {
        edit: Edit::behind(
            "\n    CreateServer:",
            "required: [hostname, zone, title,",
            "required: [hostname, login_user, zone, title,",
        ),
        pointer: "#/components/schemas/CreateServer/required",
        forth: (Breaking, Wire, "login_user is required now: requests that were right are refused"),
        back: (Compatible, Wire, "login_user is no longer required: requests may say more"),
    },
    Planted {
        edit: Edit::behind("\n    AntiAffinityStatus:", "required: [uuid, status]", "required: [uuid]"),
        pointer: "#/components/schemas/AntiAffinityStatus/required",
        forth: (Breaking, Wire, "status is no longer required: clients rely on it"),
        back: (Compatible, Wire, "status is required now: answers promise more"),
    },
    // A schema that travels both ways: the stricter rating counts.
    Planted {
        edit: Edit::behind("\n    Title:", "maxLength: 255", "maxLength: 300"),
        pointer: "#/components/schemas/Title/maxLength",
        forth: (Breaking, Wire, "went from 255 to 300: answers may hold what clients do not expect"),
        back: (Breaking, Wire, "went from 300 to 255: requests that were right are refused"),
    },
    // Types, formats and constraints.
    Planted {
        edit: Edit::behind("\n    SshKeyList:", "maxItems: 32", "maxItems: 16"),
        pointer: "#/components/schemas/SshKeyList/properties/ssh_key/maxItems",
        forth: (Breaking, Wire, "requests that were right are refused"),
        back: (Compatible, Wire, "requests may say more"),
    },
    Planted {
        edit: Edit::behind(
            "\n    Server:\n",
            "        license:\n          type: number\n          format: double\n",
            "        license:\n          type: integer\n          format: double\n",
        ),
        pointer: "#/components/schemas/Server/properties/license/type",
        forth: (Compatible, Wire, "answers promise more"),
        back: (Breaking, Wire, "answers may hold what clients do not expect"),
    },
    Planted {
        edit: Edit::behind(
            "\n    Server:\n",
            "          type: integer\n          format: int64\n",
            "          type: string\n          format: int64\n",
        ),
        pointer: "#/components/schemas/Server/properties/created/type",
        forth: (Breaking, Wire, "answers may be others"),
        back: (Breaking, Wire, "answers may be others"),
    },
    Planted {
        edit: Edit::behind(
            "\n    Server:\n",
            "          type: integer\n          format: int64\n",
            "          type: integer\n",
        ),
        pointer: "#/components/schemas/Server/properties/created/format",
        forth: (Breaking, Wire, "`format` int64 is gone"),
        back: (Compatible, Wire, "`format` int64 is new: answers promise more"),
    },
    Planted {
        edit: Edit::behind("\n    ServerSummary:", "          nullable: true\n", ""),
        pointer: "#/components/schemas/ServerSummary/properties/server_group/nullable",
        forth: (Compatible, Wire, "answers promise more"),
        back: (Breaking, Wire, "answers may hold what clients do not expect"),
    },
    Planted {
        edit: Edit::behind(
            "\n    NumericString:",
            "x-value: {type: integer, format: uint64, minimum: 0}",
            "x-value: {type: integer, format: int64, minimum: 0}",
        ),
        pointer: "#/components/schemas/NumericString/x-value",
        forth: (Breaking, Names, "the value is of another type"),
        back: (Breaking, Names, "the value is of another type"),
    },
    Planted {
        edit: Edit::behind("\n    StopServer:", "default: soft", "default: hard"),
        pointer: "#/components/schemas/StopServer/properties/stop_type/default",
        forth: (Breaking, Wire, "leaving it out means something else"),
        back: (Breaking, Wire, "leaving it out means something else"),
    },
    Planted {
        edit: Edit::behind(
            "\n    Server:\n",
            "        core_number:\n          allOf: [{$ref: '#/components/schemas/NumericString'}]",
            "        core_number:\n          allOf: [{$ref: '#/components/schemas/HostId'}]",
        ),
        pointer: "#/components/schemas/HostId/type",
        forth: (Breaking, Wire, "`type` went from string to integer"),
        back: (Breaking, Names, "the type is NumericString now and was HostId"),
    },
    // Enums: open, closed, of a request.
    Planted {
        edit: Edit::behind(
            "\n    StorageState:",
            "enum: ['online', 'maintenance',",
            "enum: ['frozen', 'online', 'maintenance',",
        ),
        pointer: "#/components/schemas/StorageState/enum",
        forth: (Compatible, Wire, "the value frozen is new: the enum was open"),
        back: (Breaking, Names, "the value frozen is gone"),
    },
    Planted {
        edit: Edit::behind("\n    StorageState:", "      x-open-enum: true\n", ""),
        pointer: "#/components/schemas/StorageState/x-open-enum",
        forth: (Compatible, Wire, "answers promise more"),
        back: (Breaking, Wire, "answers may hold what clients do not expect"),
    },
    Planted {
        edit: Edit::behind("\n    StopType:", "enum: ['soft', 'hard']", "enum: ['soft', 'hard', 'later']"),
        pointer: "#/components/schemas/StopType/enum",
        forth: (Compatible, Wire, "the value later is new: requests may say more"),
        back: (Breaking, Wire, "the value later is gone: requests that were right are refused"),
    },
    Planted {
        edit: Edit::behind(
            "\n    AntiAffinity:",
            "x-enum-varnames: [STRICT, BEST_EFFORT, NONE]",
            "x-enum-varnames: [STRICT, TRY, NONE]",
        ),
        pointer: "#/components/schemas/AntiAffinity/x-enum-varnames",
        forth: (Breaking, Names, "constants have other names"),
        back: (Breaking, Names, "constants have other names"),
    },
    // Where the API is, and who may use it.
    Planted {
        edit: Edit::behind("\nservers:", "https://api.upcloud.com/1.3", "https://api.upcloud.com/1.4"),
        pointer: "#/servers",
        forth: (Breaking, Wire, "is no longer where the API is"),
        back: (Breaking, Wire, "is no longer where the API is"),
    },
    Planted {
        edit: Edit::behind("\nsecurity:", "  - basicAuth: []\n", ""),
        pointer: "#/security",
        forth: (Breaking, Wire, "is no longer a way to authenticate"),
        back: (Compatible, Wire, "is a further way to authenticate"),
    },
    // What nobody taught this command.
    Planted {
        edit: Edit::behind("\n    Hostname:", "type: string\n", "type: string\n      x-tomorrow: true\n"),
        pointer: "#/components/schemas/Hostname/x-tomorrow",
        forth: (Breaking, Wire, "cannot tell what this means"),
        back: (Breaking, Wire, "cannot tell what this means"),
    },
    Planted {
        edit: Edit::behind(
            "operationId: stopServer",
            "      responses:\n",
            "      x-tomorrow: true\n      responses:\n",
        ),
        pointer: "#/paths/~1server~1{uuid}~1stop/post/x-tomorrow",
        forth: (Breaking, Wire, "cannot tell what this change means"),
        back: (Breaking, Wire, "cannot tell what this change means"),
    },
];

fn told(changes: &[Change]) -> String {
    changes.iter().map(|change| change.told("v1") + "\n").collect()
}

#[test]
fn each_planted_change_is_rated_forth_and_back() {
    let mut wrong = Vec::new();
    for planted in CHANGES {
        let (old, new) = (Spec::parse(REAL).unwrap(), Spec::parse(&planted.edit.apply(REAL)).unwrap());
        for (before, after, expected, forth) in [(&old, &new, planted.forth, true), (&new, &old, planted.back, false)] {
            let changes = compare::changes(before, after);
            let highest = changes.iter().map(|change| change.level).max();
            let (level, area, words) = expected;
            let hit = changes.iter().any(|change| {
                change.level == level && change.area == area && change.sentence.contains(words) && {
                    let was = change.before.as_ref().map(|(pointer, _)| pointer.as_str());
                    !forth || change.after.0.starts_with(planted.pointer) || was == Some(planted.pointer)
                }
            });
            if !hit || highest != Some(level) {
                wrong.push(format!(
                    "{:?} -> {:?}: expected {expected:?} at {}:\n{}",
                    planted.edit.from,
                    planted.edit.to,
                    planted.pointer,
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
    let other = format!("# A remark.\n{}", Edit::first(flow, block).apply(REAL));
    assert!(other.contains(block));
    assert_eq!(compare::changes(&real, &Spec::parse(&other).unwrap()), []);
}

#[test]
fn a_change_names_the_lines_of_both_sides() {
    let edit = CHANGES.iter().map(|planted| planted.edit).find(|edit| edit.to.contains("frozen")).unwrap();
    let text = format!("# One line more.\n{}", edit.apply(REAL));
    let changes = compare::changes(&Spec::parse(REAL).unwrap(), &Spec::parse(&text).unwrap());
    let (new, old) = (line(&text, "", "'frozen'"), line(REAL, "", "enum: ['online', 'maintenance'"));
    assert_eq!(
        told(&changes),
        format!(
            "openapi.yaml:{new}: #/components/schemas/StorageState/enum: compatible: the value frozen is new: the enum was \
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
