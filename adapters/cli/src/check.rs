//! `xmpp-ws check`: judges captured messages, one a line.

use std::io::{self, BufRead, Write};

use bytestring::ByteString;
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;

use crate::arguments::CheckOptions;
use crate::status::Status;
use crate::verdict::{Judge, Verdict};

/// Judges what comes on standard input.
pub(crate) fn run(options: &CheckOptions) -> Result<Status, CheckError> {
    // Whoever pipes many lines in waits for the last answer, not for the first.
    let output = io::BufWriter::new(io::stdout().lock());
    let all_good = check(options, io::stdin().lock(), output)?;
    Ok(if all_good { Status::Success } else { Status::Failed })
}

/// Answers each line; tells whether all messages were good.
fn check(
    options: &CheckOptions,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<bool, CheckError> {
    let tolerance = if options.strict { Tolerance::strict() } else { Tolerance::default() };
    let mut judge = Judge::new(&Limits::default(), tolerance);
    let mut all_good = true;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(CheckError::Input)? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        // An empty message is `""`.
        if !options.raw && text.trim_ascii().is_empty() {
            continue;
        }
        let verdict = if options.raw {
            judge.judge_bytes(text)
        } else {
            match serde_json::from_slice::<String>(text) {
                Ok(message) => judge.judge(&ByteString::from(message)),
                Err(error) => {
                    output.flush().map_err(CheckError::Output)?;
                    return Err(CheckError::NotAString { line: number, error });
                }
            }
        };
        all_good &= matches!(verdict, Verdict::Good(_));
        write(&mut output, &verdict).map_err(CheckError::Output)?;
    }
    output.flush().map_err(CheckError::Output)?;
    Ok(all_good)
}

fn write(output: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    serde_json::to_writer(&mut *output, verdict)?;
    output.write_all(b"\n")
}

/// Why not all lines could be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(
        "line {line} of the input is not a JSON string ({error}); write each message as one, in \
         double quotes, or give --raw if each line is a message itself"
    )]
    NotAString { line: usize, error: serde_json::Error },
    #[error("standard input cannot be read: {0}")]
    Input(io::Error),
    #[error("standard output takes nothing more: {0}")]
    Output(io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(raw: bool, input: &[u8]) -> (Result<bool, CheckError>, String) {
        let mut output = Vec::new();
        let options = CheckOptions { strict: false, raw };
        let result = check(&options, input, &mut output);
        (result, String::from_utf8(output).unwrap())
    }

    #[test]
    fn each_line_is_answered_by_one() {
        let (result, output) = checked(false, b"\"<iq/>\"\n\"<a>\"\n");
        assert!(!result.unwrap());
        assert_eq!(output.lines().count(), 2);
    }

    #[test]
    fn the_last_line_needs_no_end() {
        let (result, output) = checked(false, b"\"<presence xmlns='jabber:client'/>\"");
        assert!(result.unwrap());
        assert_eq!(
            output,
            "{\"ok\":true,\"kind\":\"presence\",\"name\":\"presence\",\"ns\":\"jabber:client\"}\n"
        );
    }

    #[test]
    fn a_line_that_is_no_json_string_is_named() {
        for line in ["<iq/>", "{}", "\"<iq/>", "\"\\ud800\"", "\"a\" \"b\""] {
            let input = ["\"<iq/>\"\n", line, "\n"].concat();
            let (result, output) = checked(false, input.as_bytes());
            assert!(result.unwrap_err().to_string().starts_with("line 2 "), "{line}");
            assert_eq!(output.lines().count(), 1, "the line before it is answered: {line}");
        }
    }

    #[test]
    fn a_raw_line_is_the_message_itself() {
        let (result, output) = checked(true, b"<iq/>\n\n\xff\n");
        assert!(!result.unwrap());
        assert_eq!(output.lines().count(), 3);
    }
}
