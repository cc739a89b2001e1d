//! Lengths of time on the command line.

use std::time::Duration;

/// Reads a number with a unit, such as `30s`; zero needs none.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let wrong = || "a time is a whole number with ms, s or m, such as 30s".to_owned();
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs).ok_or_else(wrong),
        "" if number == 0 => Ok(Duration::ZERO),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("30s", Ok(Duration::from_secs(30))),
            ("500ms", Ok(Duration::from_millis(500))),
            ("2m", Ok(Duration::from_secs(120))),
            ("0", Ok(Duration::ZERO)),
            ("30", Err(())),
            ("s", Err(())),
            ("", Err(())),
            ("-1s", Err(())),
            ("1.5s", Err(())),
            ("1 s", Err(())),
            ("18446744073709551615m", Err(())),
            ("99999999999999999999s", Err(())),
        ] {
            assert_eq!(parse(text).map_err(drop), expected, "{text}");
        }
    }
}
