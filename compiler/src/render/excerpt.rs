//! The lines of a text that reports show, under their own numbers.
//!
//! ariadne looks at every character of a text before it shows one line of it. Here all other lines are empty, so that a large
//! file with few findings costs little more than its number of lines.

use std::collections::BTreeSet;
use std::ops::Range;

/// A text in which only some lines have their words.
#[derive(Debug)]
pub struct Excerpt {
    text: String,
    /// Where each line of the whole text starts.
    starts: Vec<usize>,
    /// The lines with words, and how many bytes these have before each.
    shown: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The lines in which a span starts or ends, and their neighbours.
    pub fn new(text: &str, spans: impl IntoIterator<Item = Range<usize>>) -> Excerpt {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|newline| newline + 1));
        let mut lines = BTreeSet::new();
        for span in spans {
            for end in [line_of(&starts, span.start), line_of(&starts, span.end)] {
                lines.extend(end.saturating_sub(1)..=(end + 1).min(starts.len() - 1));
            }
        }
        let mut excerpt = String::with_capacity(starts.len());
        let (mut shown, mut next) = (Vec::with_capacity(lines.len()), 0);
        for line in lines {
            excerpt.extend(std::iter::repeat_n('\n', line - next));
            shown.push((line, excerpt.len() - line));
            let end = starts.get(line + 1).map_or(text.len(), |next| *next);
            excerpt.push_str(text.get(starts[line]..end).unwrap_or("\n"));
            next = line + 1;
        }
        excerpt.extend(std::iter::repeat_n('\n', (starts.len() - 1).saturating_sub(next)));
        Excerpt { text: excerpt, starts, shown }
    }

    /// Where an offset of the whole text is here: at the same place of its line.
    pub fn offset(&self, whole: usize) -> usize {
        let line = line_of(&self.starts, whole);
        let within = whole - self.starts[line];
        match self.shown.binary_search_by_key(&line, |(line, _)| *line) {
            Ok(at) => line + self.shown[at].1 + within,
            // Only its end is left of it.
            Err(0) => line,
            Err(at) => {
                let (before, bytes) = self.shown[at - 1];
                let end = self.starts.get(before + 1).map_or(0, |end| end - self.starts[before] - 1);
                line + bytes + end
            }
        }
    }

    /// The text of the excerpt.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn line_of(starts: &[usize], offset: usize) -> usize {
    starts.partition_point(|start| *start <= offset).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn lines_keep_their_numbers_and_what_spans_mark() {
        let text = "one\ntwo\nthree\nfour\nfive\nsix\nseven";
        let at = |word: &str| text.find(word).expect("a word of the text");
        let marked = at("our")..at("our") + 3;
        let excerpt = Excerpt::new(text, [marked.clone()]);
        assert_eq!(excerpt.text(), "\n\nthree\nfour\nfive\n\n");
        assert_eq!(&excerpt.text()[excerpt.offset(marked.start)..excerpt.offset(marked.end)], "our");
        assert_eq!((excerpt.offset(at("one")), excerpt.offset(at("seven"))), (0, excerpt.text().len()));
    }

    #[test]
    fn nothing_and_beyond() {
        let excerpt = Excerpt::new("", std::iter::once(0..0));
        assert_eq!((excerpt.text(), excerpt.offset(0), excerpt.offset(7)), ("", 0, 7));
        let excerpt = Excerpt::new("a\n", [2..2, 9..12]);
        assert_eq!((excerpt.text(), excerpt.offset(2)), ("a\n", 2));
    }
}
