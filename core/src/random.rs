//! Randomness as an argument.

/// What a random value is for.
///
/// A source that brings true entropy may ignore it; one that replays a recorded conversation answers each purpose
/// with what was recorded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Purpose {
    /// The `id` of a stream (RFC 6120 § 4.7.3), as a token: unguessable, never used twice.
    StreamId,
    /// One side's part of the SCRAM nonce (RFC 5802 § 5.1), as a token without a comma.
    ScramNonce,
    /// The identifier of a session that can be resumed (XEP-0198 § 5), as a token.
    ResumptionId,
    /// The `id` of a request of our own (RFC 6120 § 8.1.3), as a token.
    IqId,
    /// A resource that the server makes up (RFC 6120 § 7.6), as a token: it shall not be guessable.
    Resource,
    /// What tells one endpoint's requests to the application from another's, as bits.
    Request,
    /// The spread of waiting times, as bits.
    Jitter,
}

/// A source of random bits that is asked by purpose; the core has none of its own.
///
/// Adapters bring the operating system's. A source that can be guessed makes SCRAM and resumption insecure:
/// anything else is for tests and replays.
pub trait Random: Send {
    /// 128 fresh random bits.
    fn bits(&mut self, purpose: Purpose) -> u128;

    /// A fresh token for the wire: printable ASCII without a comma, without what XML escapes.
    ///
    /// As it stands: the 128 bits in 26 characters of the alphabet `a-z2-7`.
    fn token(&mut self, purpose: Purpose) -> String {
        let mut bits = self.bits(purpose);
        let mut token = String::with_capacity(TOKEN_LENGTH);
        for _ in 0..TOKEN_LENGTH {
            // Five bits are below 32; the alphabet has 32 characters.
            let digit = u8::try_from(bits & 31).unwrap_or_default();
            token.push(char::from(if digit < 26 { b'a' + digit } else { b'2' + (digit - 26) }));
            bits >>= 5;
        }
        token
    }
}

impl<R: Random + ?Sized> Random for Box<R> {
    fn bits(&mut self, purpose: Purpose) -> u128 {
        (**self).bits(purpose)
    }

    fn token(&mut self, purpose: Purpose) -> String {
        (**self).token(purpose)
    }
}

/// Where an endpoint begins to number its requests to the application, so that no two endpoints' requests are taken
/// for each other's.
pub(crate) fn first_serial(random: &mut dyn Random) -> u64 {
    let low = random.bits(Purpose::Request) & u128::from(u64::MAX);
    u64::try_from(low).unwrap_or_default()
}

/// 128 bits in digits of 5 bits.
const TOKEN_LENGTH: usize = 26;
