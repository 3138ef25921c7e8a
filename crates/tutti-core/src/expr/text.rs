//! The functions on text. Positions count characters, not bytes.

use super::arithmetic::elements;
use super::call::no_overload;
use super::error::{ErrorCode, ExprError};
use super::functions::Function;
use super::item::Item;
use super::meter::{ITEM, Meter};
use super::pattern::Pattern;
use super::value::{Text, Val};

/// A function whose first argument is a text.
pub(super) fn text<'a>(
    function: Function,
    arguments: &[Item<'a>],
    meter: &mut Meter,
) -> Result<Val<'a>, ExprError> {
    let vals: Vec<&Val<'a>> = arguments.iter().map(|item| &item.val).collect();
    if let Some(Val::Text(text)) = vals.first() {
        meter.scan(text)?;
    }
    Ok(match (function, vals.as_slice()) {
        (Function::Contains, [Val::Text(text), Val::Text(part)]) => {
            Val::Bool(text.contains(&**part))
        }
        (Function::StartsWith, [Val::Text(text), Val::Text(part)]) => {
            Val::Bool(text.starts_with(&**part))
        }
        (Function::EndsWith, [Val::Text(text), Val::Text(part)]) => {
            Val::Bool(text.ends_with(&**part))
        }
        (Function::Matches, [Val::Text(text), Val::Text(pattern)]) => {
            Val::Bool(Pattern::read(pattern, meter)?.is_in(text, meter)?)
        }
        (Function::LowerAscii, [Val::Text(text)]) => {
            meter.grow(text.len())?;
            Val::text(text.to_ascii_lowercase())
        }
        (Function::UpperAscii, [Val::Text(text)]) => {
            meter.grow(text.len())?;
            Val::text(text.to_ascii_uppercase())
        }
        (Function::Trim, [Val::Text(text)]) => slice(text, str::trim, meter)?,
        (Function::Replace, [Val::Text(text), Val::Text(from), Val::Text(to)]) => {
            replace(text, from, to, None, meter)?
        }
        (Function::Replace, [Val::Text(text), Val::Text(from), Val::Text(to), Val::Int(limit)]) => {
            // A negative limit is none.
            replace(text, from, to, usize::try_from(*limit).ok(), meter)?
        }
        (Function::Substring, [Val::Text(text), Val::Int(from)]) => {
            substring(text, *from, None, meter)?
        }
        (Function::Substring, [Val::Text(text), Val::Int(from), Val::Int(to)]) => {
            substring(text, *from, Some(*to), meter)?
        }
        _ => return Err(no_overload(function, arguments)),
    })
}

/// A part of a text: borrowed if the text is.
fn slice<'a>(
    text: &Text<'a>,
    cut: impl Fn(&str) -> &str,
    meter: &mut Meter,
) -> Result<Val<'a>, ExprError> {
    match text {
        Text::Borrowed(text) => Ok(Val::Text(Text::Borrowed(cut(text)))),
        Text::Made(text) => {
            let part = cut(text);
            meter.grow(part.len())?;
            Ok(Val::text(part))
        }
    }
}

fn replace<'a>(
    text: &str,
    from: &str,
    to: &str,
    limit: Option<usize>,
    meter: &mut Meter,
) -> Result<Val<'a>, ExprError> {
    let limit = limit.unwrap_or(usize::MAX);
    let count = text.matches(from).take(limit).count();
    meter.step(count)?;
    meter.grow(text.len().saturating_add(count.saturating_mul(to.len())))?;
    Ok(Val::text(text.replacen(from, to, limit)))
}

fn substring<'a>(
    text: &Text<'a>,
    from: i64,
    to: Option<i64>,
    meter: &mut Meter,
) -> Result<Val<'a>, ExprError> {
    let place = |index: i64| {
        let index = usize::try_from(index).ok()?;
        let ends = text.char_indices().map(|(place, _)| place).chain([text.len()]);
        ends.into_iter().nth(index)
    };
    let range = match to {
        None => place(from).map(|from| from..text.len()),
        Some(to) => place(from).zip(place(to)).map(|(from, to)| from..to),
    };
    let range = range.filter(|range| range.start <= range.end).ok_or_else(|| {
        ExprError::new(ErrorCode::OutOfBounds, "`substring` reaches beyond the text")
            .hint("compare with size() first")
    })?;
    slice(text, |text| text.get(range.clone()).unwrap_or_default(), meter)
}

/// `text.split(separator)`; with a limit the last part is what is left.
pub(super) fn split<'a>(arguments: &[Item<'a>], meter: &mut Meter) -> Result<Item<'a>, ExprError> {
    let vals: Vec<&Val<'a>> = arguments.iter().map(|item| &item.val).collect();
    let (text, separator, limit) = match vals.as_slice() {
        [Val::Text(text), Val::Text(separator)] => (text, separator, usize::MAX),
        [Val::Text(text), Val::Text(separator), Val::Int(limit)] => {
            (text, separator, usize::try_from(*limit).unwrap_or(usize::MAX))
        }
        _ => return Err(no_overload(Function::Split, arguments)),
    };
    meter.scan(text)?;
    let tag = super::item::join(arguments.iter()).derived();
    let count = if separator.is_empty() {
        text.chars().count()
    } else {
        text.matches(&**separator).count().saturating_add(1)
    };
    let count = count.min(limit);
    meter.step(count)?;
    meter.grow(text.len().saturating_add(count.saturating_mul(ITEM)))?;
    let mut items = Vec::with_capacity(count);
    let mut rest = &**text;
    while items.len() < count {
        // The last part is all that is left; an empty separator parts the characters.
        let last = items.len() + 1 == count;
        let cut = match (last, separator.is_empty()) {
            (true, _) => None,
            (false, true) => rest.split_at_checked(rest.chars().next().map_or(0, char::len_utf8)),
            (false, false) => rest.split_once(&**separator),
        };
        let (part, after) = cut.unwrap_or((rest, ""));
        items.push(Item::new(Val::text(part), tag.clone()));
        rest = after;
    }
    // What a text written in the expression does not have is a mistake.
    let open = !tag.is_empty();
    Ok(Item::new(Val::list(items, open), tag))
}

/// `list.join(separator)`.
pub(super) fn join<'a>(arguments: &[Item<'a>], meter: &mut Meter) -> Result<Item<'a>, ExprError> {
    let wrong = || no_overload(Function::Join, arguments);
    let (list, separator) = match arguments {
        [list] if list.val.is_list() => (list, None),
        [list, Item { val: Val::Text(separator), .. }] if list.val.is_list() => {
            (list, Some(separator))
        }
        _ => return Err(wrong()),
    };
    let separator = separator.map_or("", |text| text);
    let mut joined = String::new();
    for (index, item) in elements(list, meter)?.iter().enumerate() {
        let Val::Text(part) = &item.val else {
            return Err(wrong().hint("join takes a list of strings: list.map(x, string(x))"));
        };
        let separator = if index == 0 { "" } else { separator };
        meter.grow(separator.len() + part.len())?;
        meter.scan(part)?;
        joined.push_str(separator);
        joined.push_str(part);
    }
    Ok(Item::new(Val::text(joined), super::item::join(arguments.iter()).derived()))
}
