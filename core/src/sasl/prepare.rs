//! SASLprep (RFC 4013): usernames and passwords in the form in which they are compared.

use stringprep::tables;
use unicode_normalization::UnicodeNormalization;

/// Why a string cannot be prepared with SASLprep.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unpreparable {
    /// Nothing is left of it.
    #[error("it is empty")]
    Empty,
    /// RFC 4013 § 2.3: a character that is prohibited, such as a control character.
    #[error("it has a character that is prohibited")]
    Prohibited,
    /// RFC 4013 § 2.4: a mixture of directions that could be read in two ways.
    #[error("it mixes left-to-right with right-to-left text")]
    Bidirectional,
    /// RFC 4013 § 2.5: a code point without a character in Unicode 3.2, in a string that is to be stored.
    #[error("it has a character that is not in Unicode 3.2")]
    Unassigned,
}

/// Prepares a stored string (RFC 3454 § 7): code points without a character in Unicode 3.2 are refused.
pub(super) fn stored(string: &str) -> Result<String, Unpreparable> {
    let prepared = query(string)?;
    // RFC 4013 § 2.5: "This profile specifies the [StringPrep, A.1] table as its list of unassigned code points."
    if prepared.chars().any(tables::unassigned_code_point) {
        return Err(Unpreparable::Unassigned);
    }
    Ok(prepared)
}

/// Prepares a query (RFC 3454 § 7): code points without a character in Unicode 3.2 may appear.
pub(super) fn query(string: &str) -> Result<String, Unpreparable> {
    let mapped = string.chars().filter_map(map);
    // RFC 4013 § 2.2: "This profile specifies using Unicode normalization form KC".
    let prepared: String = mapped.nfkc().collect();
    if prepared.is_empty() {
        // RFC 5802 § 5.1, RFC 4616 § 2: an empty result is as bad as none.
        return Err(Unpreparable::Empty);
    }
    if prepared.contains(is_prohibited) {
        return Err(Unpreparable::Prohibited);
    }
    if !is_one_way(&prepared) {
        return Err(Unpreparable::Bidirectional);
    }
    Ok(prepared)
}

// RFC 4013 § 2.1: non-ASCII space to U+0020, characters "commonly mapped to nothing" to nothing.
fn map(character: char) -> Option<char> {
    // U+200B is in both tables of RFC 3454; the order here is that of RFC 4013, and makes it a space.
    if tables::non_ascii_space_character(character) {
        Some(' ')
    } else if tables::commonly_mapped_to_nothing(character) {
        None
    } else {
        Some(character)
    }
}

// RFC 4013 § 2.3: the tables C.1.2, C.2.1, C.2.2, C.3, C.4, C.5, C.6, C.7, C.8 and C.9 of RFC 3454.
fn is_prohibited(character: char) -> bool {
    tables::non_ascii_space_character(character)
        || tables::ascii_control_character(character)
        || tables::non_ascii_control_character(character)
        || tables::private_use(character)
        || tables::non_character_code_point(character)
        || tables::surrogate_code(character)
        || tables::inappropriate_for_plain_text(character)
        || tables::inappropriate_for_canonical_representation(character)
        || tables::change_display_properties_or_deprecated(character)
        || tables::tagging_character(character)
}

// RFC 4013 § 2.4, RFC 3454 § 6: right-to-left text has no left-to-right character, and begins and ends with
// a right-to-left one.
fn is_one_way(string: &str) -> bool {
    !string.contains(tables::bidi_r_or_al)
        || (!string.contains(tables::bidi_l)
            && string.starts_with(tables::bidi_r_or_al)
            && string.ends_with(tables::bidi_r_or_al))
}

#[cfg(test)]
mod tests {
    use super::{Unpreparable, query, stored};

    #[test]
    fn examples_of_rfc_4013_section_3() {
        for (string, prepared) in [
            ("I\u{ad}X", Ok("IX")),
            ("user", Ok("user")),
            ("USER", Ok("USER")),
            ("\u{aa}", Ok("a")),
            ("\u{2168}", Ok("IX")),
            ("\u{7}", Err(Unpreparable::Prohibited)),
            ("\u{627}1", Err(Unpreparable::Bidirectional)),
        ] {
            assert_eq!(query(string).as_deref().map_err(|error| *error), prepared);
            assert_eq!(stored(string).as_deref().map_err(|error| *error), prepared);
        }
    }

    #[test]
    fn spaces_become_one_kind_of_space_and_nothing_is_left_of_nothing() {
        assert_eq!(query("a\u{a0}b\u{3000}c").as_deref(), Ok("a b c"));
        assert_eq!(query(""), Err(Unpreparable::Empty));
        assert_eq!(query("\u{ad}\u{fe00}"), Err(Unpreparable::Empty));
    }

    #[test]
    fn only_queries_take_what_came_after_unicode_3_2() {
        for string in ["\u{1f511}", "\u{0221}", "a\u{1c90}"] {
            assert_eq!(query(string).as_deref(), Ok(string));
            assert_eq!(stored(string), Err(Unpreparable::Unassigned));
        }
    }

    #[test]
    fn right_to_left_text_stands_alone() {
        assert_eq!(query("\u{5d0}1\u{5d1}").as_deref(), Ok("\u{5d0}1\u{5d1}"));
        for string in ["\u{5d0}a\u{5d1}", "1\u{5d0}", "\u{5d0}1"] {
            assert_eq!(query(string), Err(Unpreparable::Bidirectional));
        }
    }

    #[test]
    fn stored_strings_are_those_of_stringprep() {
        for character in interesting() {
            for string in [character.to_string(), format!("a{character}b")] {
                let theirs = stringprep::saslprep(&string).ok();
                let theirs = theirs.filter(|string| !string.is_empty());
                assert_eq!(stored(&string).ok().as_deref(), theirs.as_deref(), "{string:?}");
            }
        }
    }

    #[test]
    fn what_is_prepared_stays_as_it_is() {
        for character in interesting() {
            if let Ok(prepared) = query(&character.to_string()) {
                assert_eq!(query(&prepared).as_deref(), Ok(prepared.as_str()), "{character:?}");
            }
        }
    }

    /// The planes in which characters differ: letters, symbols, ideographs; tags.
    fn interesting() -> impl Iterator<Item = char> {
        ('\0'..='\u{20fff}').chain('\u{2f000}'..='\u{30fff}').chain('\u{e0000}'..='\u{e0fff}')
    }
}
