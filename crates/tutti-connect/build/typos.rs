//! A mistake in a connector file stops the build and says where it is and what would be right.

use std::fs;
use std::path::Path;

use crate::{check, load};

const CONNECTOR: &str = "# https://vendor.example/api
name: Vendor
base: { url: \"${connection.base_url}\" }
auth: { bearer: { secret: token } }
fields: [{ key: base_url, label: Address }, { key: token, label: Token, secret: true }]
check: vendor.thing.get
";

const GET: &str = "# https://vendor.example/api/things
summary: Read a thing
access: read
input: { id: { type: text } }
request: { method: GET, path: \"/things/${input.id}\" }
output: { id: \"${response.id}\" }
example:
  input: { id: a }
  sends: { method: GET, url: https://vendor.example/things/a }
  receives: { status: 200, body: { id: a } }
  output: { id: a }
";

const MAKE: &str = "# https://vendor.example/api/things
summary: Make a thing
access: write
once: probed
reversibility: irreversible
input: { name: { type: text, required: true } }
request:
  method: POST
  path: /things
  json: { name: \"${input.name}\", note: \"${effect_key}\" }
marker: json.note
probe: { use: vendor.thing.get, path: id }
output: { id: \"${response.id}\" }
example:
  sends: { method: POST, url: https://vendor.example/things }
  receives: { status: 200 }
  output: {}
";

/// What the build says about these three files.
fn problems(case: &str, connector: &str, get: &str, make: &str) -> Vec<String> {
    let folder = Path::new(env!("OUT_DIR")).join("typos").join(case);
    let vendor = folder.join("vendor");
    fs::create_dir_all(&vendor).unwrap();
    fs::write(vendor.join("connector.yaml"), connector).unwrap();
    fs::write(vendor.join("thing.get.yaml"), get).unwrap();
    fs::write(vendor.join("thing.make.yaml"), make).unwrap();
    load::load(&folder).map_or_else(|problems| problems, |loaded| check::problems(&loaded))
}

#[test]
fn right_files_have_no_problem() {
    assert_eq!(problems("right", CONNECTOR, GET, MAKE), Vec::<String>::new());
}

/// Replaces one text in one of the three files and expects one problem.
fn one(case: &str, from: &str, to: &str, expected: &str) {
    let [connector, get, make] = [CONNECTOR, GET, MAKE].map(|file| file.replacen(from, to, 1));
    let told = problems(case, &connector, &get, &make);
    assert_eq!(told.len(), 1, "{told:#?}");
    let told = told.first().unwrap();
    assert!(told.starts_with(expected), "\n{told}\nis not\n{expected}");
}

#[test]
fn a_typo_in_a_key_tells_the_allowed_ones() {
    one(
        "key",
        "once: probed",
        "onec: probed",
        "connectors/vendor/thing.make.yaml:4:1: unknown field `onec`, expected one of summary, access, once,",
    );
    one(
        "nested",
        "path: /things\n",
        "paht: /things\n",
        "connectors/vendor/thing.make.yaml:9:3: unknown field `paht`, expected one of method, path, query,",
    );
    one(
        "shared",
        "name: Vendor",
        "nmae: Vendor",
        "connectors/vendor/connector.yaml:2:1: unknown field `nmae`, expected one of name, about, base,",
    );
    one(
        "value",
        "once: probed",
        "once: twice",
        "connectors/vendor/thing.make.yaml:4:7: unknown variant `twice`",
    );
}

#[test]
fn a_wrong_reference_tells_its_place() {
    one(
        "undeclared",
        "${input.name}",
        "${input.nmae}",
        "connectors/vendor/thing.make.yaml:10:18: `input.nmae` is not declared; `input` has `name`",
    );
    one(
        "root",
        "${input.name}",
        "${reply.name}",
        "connectors/vendor/thing.make.yaml:10:18: `reply.name` starts with none of `input`, `before`",
    );
    one(
        "unclosed",
        "${input.name}",
        "${input.name",
        "connectors/vendor/thing.make.yaml:10:17: `${` without its `}`",
    );
    one(
        "form",
        "\"${input.name}\"",
        "{ $upper: x }",
        "connectors/vendor/thing.make.yaml:10:17: unknown form `$upper`, expected one of `$adf`",
    );
    one(
        "before",
        "${input.name}",
        "${before.name}",
        "connectors/vendor/thing.make.yaml:10:18: there is no `before` to refer to",
    );
}

#[test]
fn a_class_must_keep_its_promise() {
    one(
        "probe",
        "probe: { use: vendor.thing.get, path: id }\n",
        "",
        "connectors/vendor/thing.make.yaml:4:1: `once: probed` needs a `probe`",
    );
    one(
        "marker",
        "marker: json.note\n",
        "",
        "connectors/vendor/thing.make.yaml:7:1: a request that writes `${effect_key}` says where",
    );
    one(
        "undo",
        "reversibility: irreversible",
        "reversibility: reversible",
        "connectors/vendor/thing.make.yaml:5:1: what can be taken back",
    );
    one(
        "use",
        "use: vendor.thing.get",
        "use: vendor.thing.got",
        "connectors/vendor/thing.make.yaml:12:15: there is no operation `vendor.thing.got`",
    );
    one(
        "link",
        "# https://vendor.example/api/things\nsummary: Make",
        "summary: Make",
        "connectors/vendor/thing.make.yaml:1:1: the first line is a comment with the vendor's page",
    );
    one(
        "secret",
        "secret: token }",
        "secret: tokne }",
        "connectors/vendor/connector.yaml:4:1: `tokne` is not a secret field",
    );
    one(
        "version",
        "marker:",
        "before: { use: vendor.thing.get, version: etag }\nmarker:",
        "connectors/vendor/thing.make.yaml:1:1: `before.etag` is not in the output it refers to",
    );
}
