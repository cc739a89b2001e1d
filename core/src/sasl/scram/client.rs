//! The client's side of SCRAM (RFC 5802 § 5).

use super::message::{ServerFinal, ServerFirst, Unreadable, encode, is_nonce, text};
use super::xor;
use crate::limits::ScramLimits;
use crate::sasl::gs2::{Gs2, escape};
use crate::sasl::secret::Secret;
use crate::sasl::{DerivedKeys, Hash, KeyDerivation, SaslFault, SaslMisuse, ServerError};

/// The first message was sent; the server's is due.
#[derive(Debug)]
pub(in crate::sasl) struct FirstSent {
    hash: Hash,
    password: Secret,
    nonce: String,
    /// The header and what the login is bound to, base64: what `c=` will say.
    channel_binding: String,
    bare: String,
}

impl FirstSent {
    /// Begins with prepared credentials and the data of what the login is bound to, which may be none: the state, and
    /// the first message.
    pub(in crate::sasl) fn start(
        hash: Hash,
        gs2: &Gs2,
        channel: &[u8],
        username: &str,
        password: Secret,
        nonce: String,
    ) -> Result<(Self, Vec<u8>), SaslMisuse> {
        if !is_nonce(&nonce) {
            return Err(SaslMisuse::Nonce);
        }
        let header = gs2.to_string();
        let bare = format!("n={},r={nonce}", escape(username));
        let message = format!("{header}{bare}").into_bytes();
        // RFC 5802 § 5.1: `c=` is the header, and after it what the login is bound to.
        let channel_binding = encode(&[header.as_bytes(), channel].concat());
        Ok((Self { hash, password, nonce, channel_binding, bare }, message))
    }

    /// Takes the server's first message.
    pub(in crate::sasl) fn challenge(
        self,
        data: &[u8],
        limits: ScramLimits,
    ) -> Result<(Deriving, KeyDerivation), SaslFault> {
        let server_first = text(data)?;
        let (nonce, salt, iterations) = match ServerFirst::parse(server_first)? {
            ServerFirst::Challenge { nonce, salt, iterations } => (nonce, salt, iterations),
            ServerFirst::Error(error) => return Err(server_error(error)),
        };
        // RFC 5802 § 5.1: "The client MUST verify that the initial part of the nonce used in subsequent messages
        // is the same as the nonce it initially specified."
        match nonce.strip_prefix(self.nonce.as_str()) {
            None => return Err(SaslFault::ForeignNonce),
            Some("") => return Err(SaslFault::NonceNotExtended),
            Some(_) => {}
        }
        if salt.is_empty() {
            return Err(SaslFault::EmptySalt);
        }
        let iterations = check(iterations, limits)?;
        let without_proof = format!("c={},r={nonce}", self.channel_binding);
        let deriving = Deriving {
            hash: self.hash,
            // RFC 5802 § 3: AuthMessage := client-first-message-bare + "," + server-first-message + "," +
            // client-final-message-without-proof.
            auth_message: format!("{},{server_first},{without_proof}", self.bare),
            without_proof,
        };
        Ok((deriving, KeyDerivation::new(self.hash, salt, iterations, self.password)))
    }
}

/// The server's first message came; the keys are being derived.
#[derive(Debug)]
pub(in crate::sasl) struct Deriving {
    hash: Hash,
    auth_message: String,
    without_proof: String,
}

impl Deriving {
    /// Goes on with the keys: the state, and the final message.
    pub(in crate::sasl) fn derived(
        self,
        keys: &DerivedKeys,
    ) -> Result<(FinalSent, Vec<u8>), SaslMisuse> {
        if keys.hash() != self.hash {
            return Err(SaslMisuse::Keys);
        }
        let (client_key, server_key) = keys.split();
        let auth_message = self.auth_message.as_bytes();
        // RFC 5802 § 3: ClientSignature := HMAC(StoredKey, AuthMessage).
        let client_signature = self.hash.hmac(&self.hash.digest(client_key), auth_message);
        let proof = encode(&xor(client_key, &client_signature));
        // RFC 5802 § 3: ServerSignature := HMAC(ServerKey, AuthMessage).
        let server_signature = Secret(self.hash.hmac(server_key, auth_message));
        let message = format!("{},p={proof}", self.without_proof).into_bytes();
        Ok((FinalSent { server_signature }, message))
    }
}

/// The final message was sent; the server's, with its signature, is due.
#[derive(Debug)]
pub(in crate::sasl) struct FinalSent {
    server_signature: Secret<Vec<u8>>,
}

impl FinalSent {
    /// Takes the server's final message.
    pub(in crate::sasl) fn verify(self, data: &[u8]) -> Result<(), SaslFault> {
        match ServerFinal::parse(data)? {
            ServerFinal::Verifier(signature) if self.server_signature.equals(&signature) => Ok(()),
            // RFC 5802 § 5: if the signatures differ, "the client MUST consider the authentication exchange to
            // be unsuccessful".
            ServerFinal::Verifier(_) => Err(SaslFault::WrongSignature),
            ServerFinal::Error(error) => Err(server_error(error)),
        }
    }
}

impl From<Unreadable> for SaslFault {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Grammar => Self::Malformed,
            Unreadable::MandatoryExtension => Self::MandatoryExtension,
        }
    }
}

// RFC 5802 § 9: "A hostile server can perform a computational denial-of-service attack on clients by sending a
// big iteration count value"; with a small one it makes guessing the password cheap.
fn check(iterations: Option<u32>, limits: ScramLimits) -> Result<u32, SaslFault> {
    match iterations {
        Some(asked) if asked < limits.min_iterations => {
            Err(SaslFault::TooFewIterations { asked, least: limits.min_iterations })
        }
        Some(asked) if asked <= limits.max_iterations => Ok(asked),
        _ => Err(SaslFault::TooManyIterations { most: limits.max_iterations }),
    }
}

// RFC 5802 § 7: "Unrecognized errors should be treated as "other-error"."
fn server_error(name: &str) -> SaslFault {
    SaslFault::Server(ServerError::from_name(name).unwrap_or(ServerError::OtherError))
}
