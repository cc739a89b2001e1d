//! ANONYMOUS (RFC 4505): one message, a trace of who it might be or nothing.

use stringprep::tables;

use super::Failure;

/// Reads the message; an empty one leaves no trace.
pub(super) fn parse(data: &[u8]) -> Result<Option<String>, Failure> {
    match str::from_utf8(data) {
        Ok(trace) if is_trace(trace) => {
            Ok(Some(trace.to_owned()).filter(|trace| !trace.is_empty()))
        }
        _ => Err(Failure::MalformedRequest),
    }
}

/// Whether this can be trace information.
// RFC 4505 § 2: a token has at most 255 characters (and no email address is longer); § 3: the tables C.2.1,
// C.2.2, C.3, C.4, C.5, C.6, C.8 and C.9 of RFC 3454 are prohibited.
pub(super) fn is_trace(trace: &str) -> bool {
    trace.chars().count() <= MAX_CHARACTERS
        && !trace.contains(|character| {
            tables::ascii_control_character(character)
                || tables::non_ascii_control_character(character)
                || tables::private_use(character)
                || tables::non_character_code_point(character)
                || tables::surrogate_code(character)
                || tables::inappropriate_for_plain_text(character)
                || tables::change_display_properties_or_deprecated(character)
                || tables::tagging_character(character)
        })
}

const MAX_CHARACTERS: usize = 255;
