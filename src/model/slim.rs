//! Lists of which there are hundreds of thousands, nearly all of one thing or none.

/// Adds to a list that will hold nothing else, most often: a list makes room for four at once, and in a large estate the
/// three that never come are a third of all memory.
pub fn push_only<T>(list: &mut Vec<T>, one: T) {
    if list.capacity() == 0 {
        list.reserve_exact(1);
    }
    list.push(one);
}

/// The parts one after the other, with no more room than they take: a list that grows is copied each time it doubles.
pub fn joined<T>(parts: Vec<Vec<T>>) -> Vec<T> {
    let all = parts.iter().map(Vec::len).sum::<usize>();
    let mut parts = parts.into_iter().filter(|part| !part.is_empty());
    let mut joined = parts.next().unwrap_or_default();
    joined.reserve_exact(all - joined.len());
    for part in parts {
        joined.extend(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_what_was_put_in() {
        let mut list = Vec::new();
        (0..10).for_each(|number| push_only(&mut list, number));
        assert_eq!(list, (0..10).collect::<Vec<_>>());
        assert_eq!(joined(vec![vec![1, 2], vec![], vec![3]]), [1, 2, 3]);
        assert!(joined(Vec::<Vec<u8>>::new()).is_empty());
    }
}
