//! Personal data: how the parts of a value that are declared as such are reached.

use serde_json::Value;

/// Hands every part at `path` to `with`; `[]` stands for every item of a list. What is `null` is
/// not there.
pub fn each_part(value: &mut Value, path: &[String], with: &mut dyn FnMut(&mut Value)) {
    let Some((key, rest)) = path.split_first() else {
        if !value.is_null() {
            with(value);
        }
        return;
    };
    if key == "[]" {
        for item in value.as_array_mut().into_iter().flatten() {
            each_part(item, rest, with);
        }
    } else if let Some(member) = value.get_mut(key.as_str()) {
        each_part(member, rest, with);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fact::split;

    #[test]
    fn reaches_every_part_that_is_there() {
        let mut value = json!({
            "owner": {"name": "Dana", "email": null},
            "items": [{"author": {"name": "Ben"}}, {"author": null}, 7],
        });
        let mut found = Vec::new();
        for path in ["owner.name", "owner.email", "owner.none", "items[].author.name", "items"] {
            each_part(&mut value, &split(path), &mut |part| found.push(part.clone()));
        }
        let items = value["items"].clone();
        assert_eq!(found, [json!("Dana"), json!("Ben"), items]);
    }
}
