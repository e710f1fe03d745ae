//! Durations as Go prints them: `2160h0m0s`.

/// Seconds of a Go duration (fractions are cut); `None` if it is none.
pub fn seconds(text: &str) -> Option<i64> {
    let mut total = 0i64;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at(digits);
        let whole: i64 = number.split('.').next()?.parse().ok()?;
        let letters = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let scale = match unit {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            "ms" | "us" | "µs" | "ns" => 0,
            _ => return None,
        };
        total = total.checked_add(whole.checked_mul(scale)?)?;
        rest = after;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn go_durations() {
        assert_eq!(seconds("360h0m0s"), Some(1_296_000));
        assert_eq!(seconds("1h30m"), Some(5_400));
        assert_eq!(seconds("5"), None);
        assert_eq!(seconds(""), None);
    }
}
