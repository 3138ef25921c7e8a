//! The functions: their names and forms, known when an expression is read.

use super::error::{ErrorCode, ExprError};

/// What a call does; where each is carried out is said in `call`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    LowerAscii,
    UpperAscii,
    Trim,
    Split,
    Join,
    Replace,
    Substring,
    Int,
    Uint,
    Double,
    String,
    Bool,
    Dyn,
    Min,
    Max,
    Timestamp,
    Duration,
    Time,
    Get(Field),
    Json,
    Put,
    Merge,
    Distinct,
    // These look at labels, or at whether something is there, and so do not ask for all arguments.
    Missing,
    Trusted,
    Private,
    Provenance,
    FirstOf,
    Default,
}

/// A part of a timestamp or duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// How a function is called: `f(x)`, `x.f()`, or either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Global,
    Method,
    Either,
}

/// Name, style, fewest and most arguments (what is before the dot counts as the first).
type Row = (&'static str, Style, usize, usize, Function);

const ANY: usize = usize::MAX;

const TABLE: &[Row] = &[
    ("size", Style::Either, 1, 1, Function::Size),
    ("contains", Style::Method, 2, 2, Function::Contains),
    ("startsWith", Style::Method, 2, 2, Function::StartsWith),
    ("endsWith", Style::Method, 2, 2, Function::EndsWith),
    ("matches", Style::Either, 2, 2, Function::Matches),
    ("lowerAscii", Style::Method, 1, 1, Function::LowerAscii),
    ("upperAscii", Style::Method, 1, 1, Function::UpperAscii),
    ("trim", Style::Method, 1, 1, Function::Trim),
    ("split", Style::Method, 2, 3, Function::Split),
    ("join", Style::Method, 1, 2, Function::Join),
    ("replace", Style::Method, 3, 4, Function::Replace),
    ("substring", Style::Method, 2, 3, Function::Substring),
    ("int", Style::Global, 1, 1, Function::Int),
    ("uint", Style::Global, 1, 1, Function::Uint),
    ("double", Style::Global, 1, 1, Function::Double),
    ("string", Style::Global, 1, 1, Function::String),
    ("bool", Style::Global, 1, 1, Function::Bool),
    ("dyn", Style::Global, 1, 1, Function::Dyn),
    ("min", Style::Global, 1, ANY, Function::Min),
    ("max", Style::Global, 1, ANY, Function::Max),
    ("timestamp", Style::Global, 1, 1, Function::Timestamp),
    ("duration", Style::Global, 1, 1, Function::Duration),
    ("time", Style::Global, 1, 1, Function::Time),
    ("getFullYear", Style::Method, 1, 2, Function::Get(Field::FullYear)),
    ("getMonth", Style::Method, 1, 2, Function::Get(Field::Month)),
    ("getDate", Style::Method, 1, 2, Function::Get(Field::Date)),
    ("getDayOfMonth", Style::Method, 1, 2, Function::Get(Field::DayOfMonth)),
    ("getDayOfWeek", Style::Method, 1, 2, Function::Get(Field::DayOfWeek)),
    ("getDayOfYear", Style::Method, 1, 2, Function::Get(Field::DayOfYear)),
    ("getHours", Style::Method, 1, 2, Function::Get(Field::Hours)),
    ("getMinutes", Style::Method, 1, 2, Function::Get(Field::Minutes)),
    ("getSeconds", Style::Method, 1, 2, Function::Get(Field::Seconds)),
    ("getMilliseconds", Style::Method, 1, 2, Function::Get(Field::Milliseconds)),
    ("json", Style::Global, 1, 1, Function::Json),
    ("put", Style::Global, 3, 3, Function::Put),
    ("merge", Style::Global, 2, 2, Function::Merge),
    ("distinct", Style::Either, 1, 1, Function::Distinct),
    ("missing", Style::Global, 1, 1, Function::Missing),
    ("trusted", Style::Global, 1, 1, Function::Trusted),
    ("private", Style::Global, 1, 1, Function::Private),
    ("provenance", Style::Global, 1, 1, Function::Provenance),
    ("first_of", Style::Global, 1, ANY, Function::FirstOf),
    ("default", Style::Global, 2, 2, Function::Default),
];

impl Function {
    /// The function with this name, if it can be called so.
    pub(super) fn find(name: &str, style: Style, arguments: usize) -> Result<Self, ExprError> {
        let Some((_, is, least, most, function)) = TABLE.iter().find(|row| row.0 == name) else {
            return Err(unknown(name));
        };
        if *is != style && *is != Style::Either {
            let form = if *is == Style::Method { "x.name(…)" } else { "name(x, …)" };
            let form = form.replace("name", name);
            return Err(ExprError::new(
                ErrorCode::WrongArguments,
                format!("`{name}` is written {form}"),
            ));
        }
        if (*least..=*most).contains(&arguments) {
            return Ok(*function);
        }
        let before = usize::from(style == Style::Method);
        let (least, given) = (least - before, arguments.saturating_sub(before));
        let takes = match most {
            &ANY => format!("{least} or more arguments"),
            most if most - before == least && least == 1 => "one argument".to_owned(),
            most if most - before == least => format!("{least} arguments"),
            most => format!("{least} to {} arguments", most - before),
        };
        let message = format!("`{name}` takes {takes}, not {given}");
        Err(ExprError::new(ErrorCode::WrongArguments, message))
    }

    /// The name, for messages.
    pub(super) fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.4 == self).map_or("", |row| row.0)
    }
}

fn unknown(name: &str) -> ExprError {
    let error =
        ExprError::new(ErrorCode::UnknownFunction, format!("there is no function `{name}`"));
    let near = TABLE.iter().map(|row| row.0).find(|known| {
        known.eq_ignore_ascii_case(name)
            || known.replace('_', "").eq_ignore_ascii_case(&name.replace('_', ""))
            || (name.len() > 2 && (known.starts_with(name) || name.starts_with(known)))
    });
    match (near, name) {
        (Some(near), _) => error.hint(format!("did you mean `{near}`?")),
        (None, "len" | "length" | "count") => error.hint("did you mean `size`?"),
        (None, "toLowerCase" | "lower") => error.hint("did you mean `lowerAscii`?"),
        (None, "toUpperCase" | "upper") => error.hint("did you mean `upperAscii`?"),
        (None, "coalesce") => error.hint("did you mean `first_of`?"),
        _ => error,
    }
}
