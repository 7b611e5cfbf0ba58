//! The lines of a text that reports show, under their own numbers.
//!
//! ariadne looks at every character of a text before it shows one line of it. Here all other lines are empty, so that a large
//! file with few findings costs little more than its number of lines.

use std::ops::Range;

/// A text in which only some lines have their words.
#[derive(Debug)]
pub struct Excerpt {
    text: String,
    /// Where each line of the whole text starts, and where it starts here.
    starts: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The lines in which a span starts or ends, and their neighbours.
    pub fn new(text: &str, spans: impl IntoIterator<Item = Range<usize>>) -> Excerpt {
        let bytes = text.as_bytes();
        let mut starts = vec![(0, 0)];
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|newline| (newline + 1, 0)));
        let line_of = |offset: usize| starts.partition_point(|(start, _)| *start <= offset).saturating_sub(1);
        let mut shown = vec![false; starts.len()];
        for span in spans {
            for end in [line_of(span.start), line_of(span.end)] {
                let last = (end + 1).min(starts.len() - 1);
                shown[end.saturating_sub(1)..=last].fill(true);
            }
        }
        let mut excerpt = String::new();
        for line in 0..starts.len() {
            starts[line].1 = excerpt.len();
            let start = starts[line].0;
            let end = starts.get(line + 1).map_or(text.len(), |next| next.0);
            match text.get(start..end) {
                Some(words) if shown[line] => excerpt.push_str(words),
                Some(words) if words.ends_with('\n') => excerpt.push('\n'),
                Some(_) | None => {}
            }
        }
        Excerpt { text: excerpt, starts }
    }

    /// Where an offset of the whole text is here: at the same place of its line.
    pub fn offset(&self, whole: usize) -> usize {
        let line = self.starts.partition_point(|(start, _)| *start <= whole).saturating_sub(1);
        let (start, here) = self.starts[line];
        here + (whole - start)
    }

    /// The text of the excerpt.
    pub fn text(&self) -> &str {
        &self.text
    }
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
        assert_eq!(excerpt.offset(text.len()) - excerpt.offset(at("seven")), 5);
    }

    #[test]
    fn nothing_and_beyond() {
        let excerpt = Excerpt::new("", std::iter::once(0..0));
        assert_eq!((excerpt.text(), excerpt.offset(0), excerpt.offset(7)), ("", 0, 7));
        let excerpt = Excerpt::new("a\n", [2..2, 9..12]);
        assert_eq!((excerpt.text(), excerpt.offset(2)), ("a\n", 2));
    }
}
