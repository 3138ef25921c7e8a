//! Holds the pages' TypeScript types equal to the Rust types that functions answer.
//! `cargo xtask types` writes the file anew.

use std::collections::BTreeMap;

use expect_test::expect_file;
use ts_rs::{Config, TS, TypeVisitor};

use super::{ApiError, Connections, Exported, FlowDocument, Flows, Panel};

const HEAD: &str =
    "// What the backend's functions answer. Made from the Rust types by `cargo xtask types`.\n";

/// Declarations by name: those asked for, and all they are made of.
struct Types {
    config: Config,
    declared: BTreeMap<String, String>,
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // What lists and options are made of comes by itself; they need no name.
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.declared.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = T::decl(&self.config).replace(" \n", "\n").replace(", };", ",\n};");
        self.declared.insert(name, format!("\n{docs}export {declaration}\n"));
        T::visit_dependencies(self);
    }
}

#[test]
fn pages_see_what_functions_answer() {
    // Milliseconds and counters stay far below what a JavaScript number holds exactly.
    let config = Config::new().with_large_int("number");
    let mut types = Types { config, declared: BTreeMap::new() };
    types.visit::<Panel>();
    types.visit::<Exported>();
    types.visit::<Flows>();
    types.visit::<FlowDocument>();
    types.visit::<Connections>();
    types.visit::<ApiError>();
    let declared: String = types.declared.into_values().collect();
    expect_file!["../../../../static/app/src/api/generated.ts"]
        .assert_eq(&format!("{HEAD}{declared}"));
}
