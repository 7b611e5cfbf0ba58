//! Regular expressions of web checks: what kalc's daemon reads otherwise than keepalived, or not at all.
//!
//! keepalived uses PCRE2, kalc the `regex` crate, whose syntax is almost a subset. What only PCRE2 has (look-around, back
//! references, …) does not parse there. What both have with different meanings is looked for here, so that no expression
//! is misread.

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{self, AssertionKind, Ast, ClassSetBinaryOp, ClassSetItem, Flag, FlagsItemKind, Visitor};

/// Options that mean something in PCRE2 which the other engine cannot do.
pub const OPTIONS: [&str; 4] = ["allow_empty_class", "alt_bsux", "alt_circumflex", "ucp"];

/// Why an expression cannot be run as keepalived does; `None` if it can.
pub fn trouble(text: &str, ignores_blanks: bool) -> Option<String> {
    let parsed = ParserBuilder::new().ignore_whitespace(ignores_blanks).build().parse(text);
    match parsed {
        Ok(ast) => match ast::visit(&ast, Readings) {
            Ok(()) => None,
            Err(reading) => Some(reading.to_owned()),
        },
        Err(error) => Some(error.kind().to_string()),
    }
}

/// Looks for what has two readings.
struct Readings;

impl Visitor for Readings {
    type Output = ();
    type Err = &'static str;

    fn finish(self) -> Result<(), &'static str> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), &'static str> {
        match ast {
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::WordBoundaryStartAngle | AssertionKind::WordBoundaryEndAngle => {
                    Err("`\\<` and `\\>` are plain characters for keepalived; write `<` and `>`")
                }
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::StartText
                | AssertionKind::EndText
                | AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary
                | AssertionKind::WordBoundaryStart
                | AssertionKind::WordBoundaryEnd
                | AssertionKind::WordBoundaryStartHalf
                | AssertionKind::WordBoundaryEndHalf => Ok(()),
            },
            Ast::Flags(flags) => flags_of(&flags.flags),
            Ast::Group(group) => group.flags().map_or(Ok(()), flags_of),
            Ast::Repetition(repetition) if matches!(*repetition.ast, Ast::Repetition(_)) => Err(
                "a repetition that gives nothing back, as in `a++`, is not known; put brackets around the inner one",
            ),
            Ast::Empty(_)
            | Ast::Literal(_)
            | Ast::Dot(_)
            | Ast::ClassUnicode(_)
            | Ast::ClassPerl(_)
            | Ast::ClassBracketed(_)
            | Ast::Repetition(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), &'static str> {
        match item {
            ClassSetItem::Bracketed(_) => {
                Err("a bracket within brackets is a plain character for keepalived; write `\\[`")
            }
            ClassSetItem::Empty(_)
            | ClassSetItem::Literal(_)
            | ClassSetItem::Range(_)
            | ClassSetItem::Ascii(_)
            | ClassSetItem::Unicode(_)
            | ClassSetItem::Perl(_)
            | ClassSetItem::Union(_) => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ClassSetBinaryOp) -> Result<(), &'static str> {
        Err("`&&`, `--` and `~~` within brackets are plain characters for keepalived; put a backslash before them")
    }
}

fn flags_of(flags: &ast::Flags) -> Result<(), &'static str> {
    let is_crlf = |item: &ast::FlagsItem| item.kind == FlagsItemKind::Flag(Flag::CRLF);
    if flags.items.iter().any(is_crlf) {
        return Err("`(?R)` is a recursion");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_expressions_are_run() {
        for text in [
            "hello",
            "^HTTP/1\\.[01] 200",
            "(?i)ok$",
            "[[:alpha:]_-]+",
            "a{2,3}?",
            "\\d+\\s\\w",
            "<p>.*</p>",
            "a|b",
            "(?:x)(?P<n>y)",
        ] {
            assert_eq!(trouble(text, false), None, "{text}");
        }
        assert_eq!(trouble("a b # comment", true), None);
    }

    #[test]
    fn what_only_pcre2_has_or_reads_otherwise_is_told() {
        for text in [
            "(?=l)lo",
            "(?<!a)b",
            "(a)\\1",
            "\\Qa.b\\E",
            "a\\Z",
            "\\h",
            "\\R",
            "(?>a)",
            "a++",
            "(?R)",
            "(?1)",
            "\\<b\\>",
            "[a[b]]",
            "[a&&b]",
            "[a--b]",
            "el(l",
            "\\K",
            "(?|a|b)",
            "[]a]b[",
        ] {
            assert!(trouble(text, false).is_some(), "{text}");
        }
    }
}
