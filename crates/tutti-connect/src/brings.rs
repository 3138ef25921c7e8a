//! What an operation brings, as far as its declaration says it: the members of its output.

use crate::declaration::Declaration;
use crate::form::Form;
use crate::template::Template;

impl Declaration {
    /// Dotted paths of the output, `fix_versions[].name`. What stands below them is the vendor's.
    /// Nothing, if the whole output is.
    pub fn brings(&self) -> Vec<String> {
        let mut paths = Vec::new();
        below(&self.output, "", &mut paths);
        if self.paging.is_some() {
            paths.push("more".to_owned());
        }
        paths
    }
}

fn below(template: &Template, at: &str, paths: &mut Vec<String>) {
    match template {
        Template::Object(members) => {
            for (name, member) in members {
                let dot = if at.is_empty() { "" } else { "." };
                below(member, &format!("{at}{dot}{name}"), paths);
            }
        }
        Template::Form(form) => match form.as_ref() {
            Form::Each(each) => below(each.shape(), &format!("{at}[]"), paths),
            _ => paths.push(at.to_owned()),
        },
        _ if at.is_empty() => {}
        _ => paths.push(at.to_owned()),
    }
}
