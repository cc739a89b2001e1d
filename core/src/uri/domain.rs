//! Domains as hosts: names beyond ASCII in the form in which they are resolved and certified.

/// The host of a domain that was prepared by nameprep, as the domain of every [`Jid`](crate::jid::Jid) is: each label
/// beyond ASCII as its A-label (RFC 3490 § 4.1, `ToASCII`). `None` where the DNS has no such name.
pub(crate) fn host_of_domain(domain: &str) -> Option<String> {
    if domain.starts_with('[') {
        return Some(domain.to_owned());
    }
    let mut host = String::with_capacity(domain.len());
    for (number, label) in domain.split('.').enumerate() {
        if number > 0 {
            host.push('.');
        }
        let start = host.len();
        if label.is_ascii() {
            host.push_str(label);
        } else if label.starts_with(PREFIX) {
            // RFC 3490 § 4.1, step 5.
            return None;
        } else {
            host.push_str(PREFIX);
            encode(label, &mut host)?;
        }
        // RFC 1035 § 2.3.4: labels have 63 octets or less.
        if !(1..=MAX_LABEL_BYTES).contains(&(host.len() - start)) {
            return None;
        }
    }
    (host.len() <= MAX_HOST_BYTES).then_some(host)
}

/// Punycode (RFC 3492 § 6.3). `None` where a number gets too large, which no label of 63 octets needs.
fn encode(label: &str, output: &mut String) -> Option<()> {
    let length = u32::try_from(label.chars().count()).ok()?;
    output.extend(label.chars().filter(char::is_ascii));
    let basic = u32::try_from(label.chars().filter(char::is_ascii).count()).ok()?;
    if basic > 0 {
        output.push('-');
    }
    let (mut next, mut delta, mut bias, mut handled) = (INITIAL_N, 0_u32, INITIAL_BIAS, basic);
    while handled < length {
        let least = label.chars().map(u32::from).filter(|point| *point >= next).min()?;
        delta = delta.checked_add((least - next).checked_mul(handled + 1)?)?;
        next = least;
        for point in label.chars().map(u32::from) {
            if point < next {
                delta = delta.checked_add(1)?;
            }
            if point == next {
                variable_length(delta, bias, output);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        next += 1;
    }
    Some(())
}

/// RFC 3492 § 3.3.
fn variable_length(mut number: u32, bias: u32, output: &mut String) {
    let mut k = BASE;
    loop {
        let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if number < threshold {
            output.push(digit(number));
            return;
        }
        output.push(digit(threshold + (number - threshold) % (BASE - threshold)));
        number = (number - threshold) / (BASE - threshold);
        k += BASE;
    }
}

/// RFC 3492 § 5: `a` to `z` are 0 to 25, `0` to `9` are 26 to 35.
fn digit(value: u32) -> char {
    char::from_digit((value + LETTERS_LAST) % BASE, BASE).expect("it is less than the base")
}

/// RFC 3492 § 6.1.
fn adapt(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

/// RFC 3490 § 5.
const PREFIX: &str = "xn--";
// RFC 1035 § 2.3.4; a name of 255 octets on the wire has 253 as text.
const MAX_LABEL_BYTES: usize = 63;
const MAX_HOST_BYTES: usize = 253;
// RFC 3492 § 5.
const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 0x80;
// `char::from_digit` has the digits first, Punycode the letters.
const LETTERS_LAST: u32 = 10;

#[cfg(test)]
mod tests {
    use super::{encode, host_of_domain};

    /// RFC 3492 § 7.1, those that are not written in mixed case.
    #[test]
    fn samples_of_rfc_3492() {
        for (label, punycode) in [
            ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"),
            ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
            ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
            ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
            ("そのスピードで", "d9juau41awczczp"),
            ("パフィーdeルンバ", "de-jg4avhby1noc0d"),
            ("-> $1.00 <-", "-> $1.00 <--"),
        ] {
            let mut encoded = String::new();
            encode(label, &mut encoded).expect("it is short");
            assert_eq!(encoded, punycode);
        }
    }

    #[test]
    fn hosts_of_domains() {
        for (domain, host) in [
            ("example.com", Some("example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("例え.テスト", Some("xn--r8jz45g.xn--zckzah")),
            ("[::1]", Some("[::1]")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("xn--ü.example", None),
            ("a..b", None),
        ] {
            assert_eq!(host_of_domain(domain).as_deref(), host, "{domain}");
        }
    }

    #[test]
    fn what_the_dns_has_no_room_for() {
        let label = "a".repeat(63);
        assert!(host_of_domain(&label).is_some());
        assert_eq!(host_of_domain(&"a".repeat(64)), None);
        assert_eq!(host_of_domain(&"ü".repeat(1000)), None);
        let longest = [label.as_str(), &label, &label, &"a".repeat(61)].join(".");
        assert!(host_of_domain(&longest).is_some());
        assert_eq!(host_of_domain(&[&longest, "a"].join("")), None);
    }
}
