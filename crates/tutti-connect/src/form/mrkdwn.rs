//! `$mrkdwn`: text to Slack's markup, in which no text can ring a channel or fake a link.
//! <https://docs.slack.dev/messaging/formatting-message-text>

use super::markdown::{Block, Span, blocks};

/// The message of a text. `<`, `>` and `&` are Slack's only control characters: escaped, a
/// `<!channel>` somebody wrote stays a word.
pub fn message(text: &str) -> String {
    let lines = |lines: &[Vec<Span<'_>>], bullet: &str| {
        let line = |spans: &Vec<Span<'_>>| {
            let words: String = spans.iter().map(span).collect();
            format!("{bullet}{words}")
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let block = |block: &Block<'_>| match block {
        Block::Paragraph(paragraph) => lines(paragraph, ""),
        Block::Bullets(items) => lines(items, "• "),
        Block::Code(_, code) => format!("```\n{}\n```", escaped(&code.join("\n"))),
    };
    blocks(text).iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn span(span: &Span<'_>) -> String {
    match span {
        Span::Plain(text) => escaped(text),
        Span::Bold(text) => format!("*{}*", escaped(text)),
        Span::Code(text) => format!("`{}`", escaped(text)),
        Span::Link(text, href) if text == href => format!("<{}>", target(href)),
        Span::Link(text, href) => format!("<{}|{}>", target(href), escaped(text)),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A `|` would end the address.
fn target(href: &str) -> String {
    escaped(href).replace('|', "%7C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn looks_the_same_in_slack() {
        let text = "**ACME** hit [PAY-88](https://j.example/PAY-88) <!channel>\n- `502` & more";
        let expected =
            "*ACME* hit <https://j.example/PAY-88|PAY-88> &lt;!channel&gt;\n\n• `502` &amp; more";
        assert_eq!(message(text), expected);
    }

    proptest! {
        #[test]
        fn only_links_are_control_sequences(text in "(\\PC|<!here>|<@U1>|\\[a\\]\\(https://b\\|c\\)|\n){0,30}") {
            for start in message(&text).split('<').skip(1) {
                prop_assert!(start.starts_with("https://") || start.starts_with("http://")
                    || start.starts_with("mailto:"), "{start}");
            }
        }
    }
}
