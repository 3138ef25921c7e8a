//! Checks what the types alone cannot: that the files agree with themselves and each other.

use std::collections::BTreeMap;

use serde_json::Value;
use tutti_core::operation::{Access, Once, Operation, Reversibility};

use crate::connector::{Auth, Base};
use crate::declaration::Declaration;
use crate::load::{ConnectorFile, Loaded, OperationFile};
use crate::path::Path;
use crate::template::Template;

type Operations<'a> = BTreeMap<&'a str, &'a Declaration>;

/// Every problem, with its place.
pub fn problems(loaded: &Loaded) -> Vec<String> {
    let operations: Operations<'_> =
        loaded.operations.iter().map(|file| (&*file.name, &file.declaration)).collect();
    let mut problems = Vec::new();
    for file in &loaded.connectors {
        connector(file, &operations, &mut problems);
    }
    for file in &loaded.operations {
        let mut check = Check { file, operations: &operations, problems: &mut problems };
        let host = loaded.connectors.iter().any(|connector| {
            connector.name == file.declaration.operation.tool()
                && matches!(connector.connector.base, Base::Host)
        });
        check.class(host);
        check.request();
        check.output();
        check.calls();
        let known = loaded.connectors.iter().any(|connector| {
            file.name.strip_prefix(&connector.name).is_some_and(|rest| rest.starts_with('.'))
        });
        if !known {
            problems.push(file.source.problem("", "its folder has no connector.yaml"));
        }
    }
    problems
}

fn connector(file: &ConnectorFile, operations: &Operations<'_>, problems: &mut Vec<String>) {
    let connector = &file.connector;
    let mut wrong =
        |near: &str, message: String| problems.push(file.source.problem(near, &message));
    if !starts_with_link(&file.source.text) {
        wrong("", "the first line is a comment with the vendor's page".into());
    }
    let field = |key: &str, secret| {
        connector.fields.iter().any(|field| field.key == key && field.secret == secret)
    };
    if let Base::Url(url) = &connector.base {
        for path in url.references() {
            let setting = path.field().filter(|_| path.root() == "connection");
            if !setting.is_some_and(|key| field(key, false)) {
                wrong(&path.to_string(), format!("`{path}` is not a field of the connection"));
            }
        }
    }
    if let Auth::ClientCredentials { client_id, .. } = &connector.auth
        && !field(client_id, false)
    {
        wrong("auth", format!("`{client_id}` is not a field of the connection"));
    }
    let secret = match &connector.auth {
        Auth::None => None,
        Auth::Header { secret, .. } | Auth::Bearer { secret } => Some(secret),
        Auth::ClientCredentials { client_secret, .. } => Some(client_secret),
    };
    if let Some(secret) = secret.filter(|secret| !field(secret, true)) {
        wrong("auth", format!("`{secret}` is not a secret field of the connection"));
    }
    let errors = &connector.errors;
    for path in errors.code.iter().chain(&errors.message).chain(&errors.unless) {
        if path.root() != "response" {
            wrong(&path.to_string(), format!("`{path}` should start at `response`"));
        }
    }
    let events = &connector.events;
    let keys = events.heard.iter().flat_map(|heard| heard.key.references());
    let places = events.heard.iter().map(|heard| &heard.when.path);
    for path in keys.chain(places).chain(&events.echo).chain(&events.own) {
        if path.root() != "event" {
            wrong(&path.to_string(), format!("`{path}` should start at `event`"));
        }
    }
    for heard in &events.heard {
        if !heard.event.starts_with(&format!("{}.", file.name)) {
            wrong(&heard.event, format!("`{}` should start with `{}.`", heard.event, file.name));
        }
    }
    if let Some(check) = &connector.check {
        let fits = operations.get(&**check).is_some_and(|Declaration { operation, .. }| {
            operation.access == Access::Read && !operation.input.values().any(|i| i.required)
        });
        if !fits {
            wrong(check, format!("`{check}` is not a read without required arguments"));
        }
    }
}

/// The checks of one operation.
struct Check<'a> {
    file: &'a OperationFile,
    operations: &'a Operations<'a>,
    problems: &'a mut Vec<String>,
}

impl<'a> Check<'a> {
    fn operation(&self) -> &'a Operation {
        &self.file.declaration.operation
    }

    fn wrong(&mut self, near: &str, message: impl AsRef<str>) {
        self.problems.push(self.file.source.problem(near, message.as_ref()));
    }

    /// A class promises something the rest of the file must keep.
    fn class(&mut self, performed_by_host: bool) {
        if !starts_with_link(&self.file.source.text) {
            self.wrong("", "the first line is a comment with the vendor's page");
        }
        if performed_by_host == self.file.declaration.request.is_some() {
            self.wrong("request:", "has a `request`, unless its connector's `base` is `host`");
        }
        let operation = self.operation();
        let reads = operation.access == Access::Read;
        if reads != (operation.once == Once::Read) {
            self.wrong("once:", "`once: read` and `access: read` go together");
        }
        if operation.once == Once::Probed && operation.probe.is_none() {
            self.wrong("once:", "`once: probed` needs a `probe`");
        }
        let undoable = !reads && operation.reversibility != Reversibility::Irreversible;
        // Words cannot be called back: what flows tell each other is made up for by telling more.
        let told = operation.id == "tutti.event.emit";
        if undoable != operation.inverse.is_some() && !told {
            self.wrong("reversibility:", "what can be taken back, and only that, has an `inverse`");
        }
        if operation.inverse_if_new.is_some()
            && operation.before.as_ref().is_none_or(|before| !before.optional)
        {
            self.wrong("inverse_if_new:", "needs a `before` that is `optional`");
        }
    }

    /// A request sees arguments, the pre-image, the key and the connection.
    fn request(&mut self) {
        let declaration = &self.file.declaration;
        let Some(request) = &declaration.request else { return };
        let references = request.references();
        for path in &references {
            self.known(path, &["input", "before", "effect_key", "connection"]);
        }
        if references.iter().any(|path| path.root() == "before")
            && declaration.operation.before.is_none()
        {
            self.wrong("${before", "there is no `before` to refer to");
        }
        let keyed = references.iter().any(|path| path.root() == "effect_key");
        if keyed != declaration.marker.is_some() {
            self.wrong("request:", "a request that writes `${effect_key}` says where in `marker`");
        }
        if request.json.is_some() && request.form.is_some() {
            self.wrong("form:", "a request has one body: `json` or `form`");
        }
    }

    /// An output sees the response besides.
    fn output(&mut self) {
        let declaration = &self.file.declaration;
        for path in declaration.output.references() {
            self.known(path, &["input", "before", "effect_key", "connection", "response"]);
        }
        if declaration.single.as_ref().is_some_and(|path| path.root() != "response") {
            self.wrong("single:", "`single` is a list in the `response`");
        }
        if let (Some(paging), Template::Object(members)) =
            (&declaration.paging, &declaration.output)
            && !members.contains_key(&paging.items)
        {
            self.wrong(&paging.items, format!("the output has no `{}`", paging.items));
        }
    }

    /// `before`, `probe` and `inverse` use operations as they are declared.
    fn calls(&mut self) {
        let operation = self.operation();
        if let Some(before) = &operation.before {
            self.call("before:", &before.operation, &before.with, &["input"], true);
            let version =
                before.version.iter().map(|path| Value::from(format!("${{before.{path}}}")));
            self.templates(version.collect::<Vec<_>>().iter(), &["before"]);
        }
        if let Some(probe) = &operation.probe {
            let names = ["input", "before", "effect_key"];
            self.call("probe:", &probe.operation, &probe.with, &names, true);
            self.templates(std::iter::once(&probe.output), &["found", "input", "before"]);
        }
        let names = ["input", "before", "output", "effect_key"];
        for inverse in operation.inverse.iter().chain(&operation.inverse_if_new) {
            self.call("inverse", &inverse.operation, &inverse.with, &names, false);
            let argument = inverse.only_if.as_ref().map(|only_if| &only_if.argument);
            if let Some(name) = argument.filter(|name| !operation.input.contains_key(*name)) {
                self.wrong("only_if:", format!("there is no argument `{name}`"));
            }
            if inverse.only_if.is_some() && operation.before.is_none() {
                self.wrong("only_if:", "needs a `before`");
            }
        }
    }

    fn call(
        &mut self,
        near: &str,
        id: &str,
        with: &BTreeMap<String, Value>,
        names: &[&str],
        must_read: bool,
    ) {
        let Some(Declaration { operation, .. }) = self.operations.get(id).copied() else {
            return self.wrong(id, format!("there is no operation `{id}`"));
        };
        if must_read && operation.access != Access::Read {
            self.wrong(near, format!("`{id}` does not only read"));
        }
        for name in with.keys().filter(|name| !operation.input.contains_key(*name)) {
            let known = operation.input.keys().cloned().collect::<Vec<_>>().join("`, `");
            self.wrong(near, format!("`{id}` has no argument `{name}`, only `{known}`"));
        }
        let required = operation.input.iter().filter(|(_, input)| input.required);
        for (name, _) in required.filter(|(name, _)| !with.contains_key(*name)) {
            self.wrong(near, format!("`{id}` needs the argument `{name}`"));
        }
        self.templates(with.values(), names);
    }

    /// Checks the core's templates, which are plain JSON with the same look-ups.
    fn templates<'v>(&mut self, values: impl Iterator<Item = &'v Value>, names: &[&str]) {
        for value in values {
            match serde_json::from_value::<Template>(value.clone()) {
                Ok(template) => {
                    template.references().iter().for_each(|path| self.known(path, names));
                }
                Err(error) => self.wrong("", error.to_string()),
            }
        }
    }

    fn known(&mut self, path: &Path, names: &[&str]) {
        let near = format!("${{{path}");
        if !names.contains(&path.root()) {
            let names = names.join("`, `");
            self.wrong(&near, format!("`{path}` starts with none of `{names}`"));
        }
        let declared = |name: &str| self.operation().input.contains_key(name);
        if path.root() == "input" && !path.field().is_some_and(declared) {
            let known = self.operation().input.keys().cloned().collect::<Vec<_>>().join("`, `");
            self.wrong(&near, format!("`{path}` is not declared; `input` has `{known}`"));
        }
        if !self.given(path) {
            self.wrong(&near, format!("`{path}` is not in the output it refers to"));
        }
    }

    /// Whether what `path` refers to is in the output of the operation it comes from.
    fn given(&self, path: &Path) -> bool {
        let calls = self.operation();
        let source = match path.root() {
            "output" => Some(calls.id.as_str()),
            "before" => calls.before.as_ref().map(|before| before.operation.as_str()),
            _ => None,
        };
        match source.and_then(|id| self.operations.get(id)).map(|source| &source.output) {
            Some(Template::Object(members)) => {
                path.field().is_some_and(|field| members.contains_key(field))
            }
            _ => true,
        }
    }
}

fn starts_with_link(text: &str) -> bool {
    text.starts_with("# https://")
}
