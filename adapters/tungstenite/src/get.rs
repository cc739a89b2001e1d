//! Getting a small document by HTTP/1.1 over TLS, without a socket.

use std::fmt;
use std::io;
use std::mem;
use std::time::Duration;

use tungstenite::http::{Request, header};
use ureq_proto::client::state::{Prepare, RecvBody, RecvResponse, Redirect};
use ureq_proto::client::{
    Call, RecvBodyResult, RecvResponseResult, RedirectAuthHeaders, SendRequestResult,
};
use ureq_proto::{BodyMode, Error};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Fetched, Target};
use xmpp_ws::uri::{Scheme, Uri};

/// What a server may make a client do that fetches a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FetchLimits {
    /// The longest body, in bytes. Default: 64 KiB.
    pub max_body_bytes: usize,
    /// How many redirects are followed; all must be to `https://`. Default: 5.
    pub max_redirects: u32,
    /// How long it may take altogether. Default: 30 s.
    pub time: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_redirects: DEFAULT_MAX_REDIRECTS,
            time: DEFAULT_TIME,
        }
    }
}

/// The conversation that fetches one document: which server to connect to, what to write, and what comes of the answer.
///
/// An adapter connects to the [target](Self::target) over TLS, writes the [request](Self::request), and hands over
/// what it reads until that is [`Got::All`]. After [`Got::Elsewhere`] it begins again, with another connection. How
/// long it all may take is [`FetchLimits::time`], which the adapter sees to.
#[derive(Debug)]
pub struct Get {
    limits: FetchLimits,
    redirects: u32,
    target: Target,
    request: Vec<u8>,
    answer: Answer,
    /// What was read and not understood yet.
    unread: Vec<u8>,
    body: Vec<u8>,
}

/// What came of what was read. Exhaustive on purpose.
#[derive(Debug)]
pub enum Got {
    /// There is more to read.
    Part,
    /// It is somewhere else: connect to the new target.
    Elsewhere,
    /// The whole answer.
    All(Fetched),
}

enum Answer {
    Head(Call<RecvResponse>),
    Body(u16, Call<RecvBody>),
    Over,
}

impl Get {
    /// Begins to fetch an `https://` address.
    pub fn new(uri: &Uri, limits: FetchLimits) -> Result<Self, DialError> {
        let request = Request::get(uri.to_string())
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::CONNECTION, "close")
            .body(())
            .map_err(|error| DialError::new(DialErrorKind::Unsupported, error.to_string()))?;
        let mut get = Self {
            limits,
            redirects: 0,
            target: Target::new(uri.clone()),
            request: Vec::new(),
            answer: Answer::Over,
            unread: Vec::new(),
            body: Vec::new(),
        };
        get.ask(Call::new(request).map_err(unusable)?)?;
        Ok(get)
    }

    /// Whom to connect to, over TLS with a certificate for its host.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What to write then.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes what was read; nothing is the end of the stream.
    pub fn received(&mut self, bytes: &[u8]) -> Result<Got, DialError> {
        self.unread.extend_from_slice(bytes);
        let is_end = bytes.is_empty();
        match mem::replace(&mut self.answer, Answer::Over) {
            Answer::Head(call) => self.head(call, is_end),
            Answer::Body(status, call) => self.body(status, call, is_end),
            Answer::Over => Err(http("there is more after the answer's end")),
        }
    }

    /// Prepares one request.
    fn ask(&mut self, call: Call<Prepare>) -> Result<(), DialError> {
        let uri = call.uri().to_string();
        let uri: Uri = uri.parse().map_err(|error| http(format!("{uri}: {error}")))?;
        // XEP-0156, Security Considerations: "only over HTTPS"; so it must not lead anywhere else.
        if *uri.scheme() != Scheme::Https {
            return Err(http(format!("{uri} is not an address of HTTP over TLS")));
        }
        self.request = vec![0; 2 * uri.to_string().len() + REQUEST_BYTES];
        let mut call = call.proceed();
        let written = call.write(&mut self.request).map_err(unusable)?;
        self.request.truncate(written);
        self.answer = match call.proceed().map_err(unusable)? {
            Some(SendRequestResult::RecvResponse(call)) => Answer::Head(call),
            _ => return Err(http("the request does not fit")),
        };
        self.target = Target::new(uri);
        self.unread.clear();
        self.body.clear();
        Ok(())
    }

    fn head(&mut self, mut call: Call<RecvResponse>, is_end: bool) -> Result<Got, DialError> {
        let status = loop {
            let (used, response) = call.try_response(&self.unread, false).map_err(unusable)?;
            self.unread.drain(..used);
            match response {
                Some(response) => break response.status().as_u16(),
                None if used == 0 => return self.wait(Answer::Head(call), is_end),
                // RFC 9110 § 15.2: there may be any number of interim answers before the final one.
                None => {}
            }
        };
        match call.proceed() {
            Some(RecvResponseResult::RecvBody(call)) => self.body(status, call, is_end),
            Some(RecvResponseResult::Redirect(call)) => self.redirect(status, call),
            Some(RecvResponseResult::Cleanup(_)) | None => Ok(self.all(status)),
        }
    }

    fn body(
        &mut self,
        status: u16,
        mut call: Call<RecvBody>,
        is_end: bool,
    ) -> Result<Got, DialError> {
        let mut space = [0; SPACE_BYTES];
        loop {
            let (used, made) = call.read(&self.unread, &mut space).map_err(unusable)?;
            self.unread.drain(..used);
            self.body.extend_from_slice(space.get(..made).unwrap_or_default());
            if self.body.len() > self.limits.max_body_bytes {
                let limit = self.limits.max_body_bytes;
                return Err(http(format!("more than {limit} bytes, which are the limit")));
            }
            let is_whole = match call.body_mode() {
                BodyMode::CloseDelimited => is_end && self.unread.is_empty(),
                _ => call.can_proceed(),
            };
            if is_whole {
                return match call.proceed() {
                    Some(RecvBodyResult::Redirect(call)) => self.redirect(status, call),
                    Some(RecvBodyResult::Cleanup(_)) | None => Ok(self.all(status)),
                };
            }
            if (used, made) == (0, 0) {
                return self.wait(Answer::Body(status, call), is_end);
            }
        }
    }

    /// There is not enough to go on.
    fn wait(&mut self, answer: Answer, is_end: bool) -> Result<Got, DialError> {
        if is_end {
            return Err(http("the answer ends too early"));
        }
        if self.unread.len() > MAX_UNREAD_BYTES {
            return Err(http("the head of the answer, or of a part of it, is too long"));
        }
        self.answer = answer;
        Ok(Got::Part)
    }

    fn all(&mut self, status: u16) -> Got {
        Got::All(Fetched::new(status, mem::take(&mut self.body)))
    }

    fn redirect(&mut self, status: u16, mut call: Call<Redirect>) -> Result<Got, DialError> {
        let next = match call.as_new_call(RedirectAuthHeaders::Never) {
            Ok(Some(next)) if FOLLOWED.contains(&status) => next,
            Err(error @ Error::BadLocationHeader(_)) => return Err(unusable(error)),
            // It says of itself that it is somewhere else, but not where.
            Ok(_) | Err(_) => return Ok(self.all(status)),
        };
        if self.redirects >= self.limits.max_redirects {
            return Err(http(format!("more than {} redirects", self.limits.max_redirects)));
        }
        self.redirects += 1;
        self.ask(next)?;
        Ok(Got::Elsewhere)
    }
}

/// What is to be told when reading or writing fails on the way.
pub fn broken_off(error: &io::Error) -> DialError {
    DialError::new(DialErrorKind::Unreachable, error.to_string())
}

fn unusable(error: Error) -> DialError {
    http(error.to_string())
}

fn http(detail: impl Into<String>) -> DialError {
    DialError::new(DialErrorKind::Http, detail)
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head(_) => "Head",
            Self::Body(..) => "Body",
            Self::Over => "Over",
        })
    }
}

// RFC 9110 § 15.4: those that name another place for the same thing.
const FOLLOWED: [u16; 5] = [301, 302, 303, 307, 308];
// Some servers refuse whoever does not say what it is.
const USER_AGENT: &str = concat!("xmpp-ws/", env!("CARGO_PKG_VERSION"));
// Precedents: what servers publish has some KiB at most; Mastodon reads 1 MiB of such a document.
const DEFAULT_MAX_BODY_BYTES: usize = 64 * 1024;
// Precedents: RFC 2068 § 10.3 recommended five; browsers follow 20, curl 30.
const DEFAULT_MAX_REDIRECTS: u32 = 5;
const DEFAULT_TIME: Duration = Duration::from_secs(30);
// Precedents: nginx and Apache take heads of 8 KiB a line and some lines; a head of an answer has rarely 4 KiB.
const MAX_UNREAD_BYTES: usize = 64 * 1024;
// The request beside its address, which is in it twice.
const REQUEST_BYTES: usize = 512;
const SPACE_BYTES: usize = 4096;
