//! Which keyword a misspelt word was meant to be.

/// The one candidate within an edit distance of two (one for words of up to four letters); `None` if there is none or
/// several are equally near.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let most = if word.len() <= 4 { 1 } else { 2 };
    let mut best: Option<(usize, &str)> = None;
    let mut unique = true;
    for candidate in candidates {
        let Some(distance) = distance(word, candidate, most) else { continue };
        match best {
            Some((least, found)) if distance == least => unique &= found == candidate,
            Some((least, _)) if distance > least => {}
            _ => (best, unique) = (Some((distance, candidate)), true),
        }
    }
    best.filter(|_| unique).map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap of neighbours) from one word to the other, without regard to case at no cost
/// below 1: a word that differs in case alone has distance 0. `None` above `most`.
fn distance(left: &str, right: &str, most: usize) -> Option<usize> {
    if left.eq_ignore_ascii_case(right) {
        return Some(0);
    }
    if left.len().abs_diff(right.len()) > most || left.len() > 64 {
        return None;
    }
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let width = right.len() + 1;
    let mut rows = vec![0; (left.len() + 1) * width];
    for (column, cell) in rows.iter_mut().take(width).enumerate() {
        *cell = column;
    }
    for i in 1..=left.len() {
        rows[i * width] = i;
        for j in 1..=right.len() {
            let same = left[i - 1].eq_ignore_ascii_case(&right[j - 1]);
            let mut cost = (rows[(i - 1) * width + j - 1] + usize::from(!same))
                .min(rows[(i - 1) * width + j] + 1)
                .min(rows[i * width + j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                cost = cost.min(rows[(i - 2) * width + j - 2] + 1);
            }
            rows[i * width + j] = cost;
        }
    }
    rows.last().copied().filter(|&cost| cost <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_near_word_is_suggested() {
        let words = ["priority", "preempt", "nopreempt", "advert_int", "state", "lc", "rr"];
        let near = |word| nearest(word, words.into_iter());
        assert_eq!(near("prioriy"), Some("priority"));
        assert_eq!(near("adver_int"), Some("advert_int"));
        assert_eq!(near("STATE"), Some("state"));
        assert_eq!(near("l"), Some("lc"));
        assert_eq!(near("rl"), Some("rr"));
        assert_eq!(near("weight"), None);
    }
}
