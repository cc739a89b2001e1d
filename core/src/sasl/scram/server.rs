//! The server's side of SCRAM (RFC 5802 § 5).

use super::message::{ClientFinal, ClientFirst, Unreadable, encode, is_nonce};
use super::xor;
use crate::sasl::ChannelBinding;
use crate::sasl::gs2::BindingFlag;
use crate::sasl::secret::Secret;
use crate::sasl::{DecoySecret, Failure, Hash, StoredKeys, prepare};

/// The client's first message came; its keys are being looked up.
#[derive(Debug)]
pub(in crate::sasl) struct FirstReceived {
    hash: Hash,
    username: String,
    authzid: Option<String>,
    /// What `c=` has to say.
    channel_binding: Vec<u8>,
    bare: String,
    /// The client's nonce and ours.
    nonce: String,
}

impl FirstReceived {
    /// Takes the client's first message, of a mechanism that binds to the channel or not; with what can be bound to,
    /// where that was offered.
    pub(in crate::sasl) fn start(
        hash: Hash,
        binds: bool,
        offered: Option<&ChannelBinding>,
        data: &[u8],
        nonce: &str,
    ) -> Result<Self, Failure> {
        if !is_nonce(nonce) {
            return Err(Failure::TemporaryAuthFailure);
        }
        let first = ClientFirst::parse(data)?;
        let channel = bound_to(binds, offered, &first.gs2.binding)?;
        // RFC 5802 § 5.1: "If the preparation of the username fails or results in an empty string, the server
        // SHOULD abort the authentication exchange"; it is a query.
        let username = prepare::query(&first.username).map_err(|_| Failure::MalformedRequest)?;
        Ok(Self {
            hash,
            username,
            channel_binding: [first.header.as_bytes(), channel].concat(),
            bare: first.bare.to_owned(),
            nonce: format!("{}{nonce}", first.nonce),
            authzid: first.gs2.authzid,
        })
    }

    pub(in crate::sasl) const fn hash(&self) -> Hash {
        self.hash
    }

    pub(in crate::sasl) fn username(&self) -> &str {
        &self.username
    }

    pub(in crate::sasl) fn authzid(&self) -> Option<&str> {
        self.authzid.as_deref()
    }

    /// Goes on with the user's keys, or with none: the state, and the server's first message.
    pub(in crate::sasl) fn credentials(
        self,
        keys: Option<&StoredKeys>,
        decoy: &DecoySecret,
    ) -> (FirstSent, Vec<u8>) {
        // The decoy is made for users who exist too, so that both take the same work.
        let decoy = decoy.keys(self.hash, &self.username);
        // Keys of another hash are as good as none: saying more would tell that the user exists.
        let (keys, exists) = match keys.filter(|keys| keys.hash() == self.hash) {
            Some(keys) => (keys, true),
            None => (&decoy, false),
        };
        let message = format!("r={},s={},i={}", self.nonce, encode(keys.salt()), keys.iterations());
        let state = FirstSent {
            username: self.username,
            authzid: self.authzid,
            channel_binding: self.channel_binding,
            messages: format!("{},{message}", self.bare),
            nonce: self.nonce,
            keys: keys.clone(),
            exists,
        };
        (state, message.into_bytes())
    }
}

/// The server's first message was sent; the client's final one is due.
#[derive(Debug)]
pub(in crate::sasl) struct FirstSent {
    username: String,
    authzid: Option<String>,
    channel_binding: Vec<u8>,
    /// Both first messages, as `AuthMessage` has them.
    messages: String,
    nonce: String,
    keys: StoredKeys,
    /// Whether the keys are a user's, not a decoy.
    exists: bool,
}

/// Who logged in with SCRAM, and the server's final message.
pub(in crate::sasl) struct Finished {
    pub(in crate::sasl) username: String,
    pub(in crate::sasl) authzid: Option<String>,
    pub(in crate::sasl) message: Vec<u8>,
}

impl FirstSent {
    /// Takes the client's final message.
    pub(in crate::sasl) fn response(self, data: &[u8]) -> Result<Finished, Failure> {
        let last = ClientFinal::parse(data)?;
        // RFC 5802 § 5.1: `c=` repeats the header, so that nobody can have changed it on the way, and has what the
        // client is bound to, so that its channel is known to end here; and "the server MUST verify that the nonce sent by the client in the second message is the same as the one
        // sent by the server in its first message".
        if last.channel_binding != self.channel_binding || last.nonce != self.nonce {
            return Err(Failure::NotAuthorized);
        }
        let hash = self.keys.hash();
        let auth_message = format!("{},{}", self.messages, last.without_proof);
        // RFC 5802 § 3: ClientKey := ClientProof XOR ClientSignature, and H(ClientKey) has to be StoredKey.
        let client_signature = hash.hmac(self.keys.stored_key(), auth_message.as_bytes());
        let client_key = Secret(xor(&last.proof, &client_signature));
        let matches = Secret(hash.digest(&client_key.0)).equals(self.keys.stored_key());
        let server_signature = hash.hmac(self.keys.server_key(), auth_message.as_bytes());
        // All of the work is done by now, whether or not the user exists. A proof that is longer than the hash
        // would lose its end in the exclusive or.
        if !(matches & self.exists & (last.proof.len() == hash.length())) {
            return Err(Failure::NotAuthorized);
        }
        Ok(Finished {
            username: self.username,
            authzid: self.authzid,
            message: format!("v={}", encode(&server_signature)).into_bytes(),
        })
    }
}

/// The data of what the client binds to: none, if it does not.
fn bound_to<'a>(
    binds: bool,
    offered: Option<&'a ChannelBinding>,
    flag: &BindingFlag,
) -> Result<&'a [u8], Failure> {
    match (flag, offered) {
        // RFC 5802 § 6: "If the channel binding flag was "p" and the server does not support the indicated channel
        // binding type, then the server MUST fail authentication."
        (BindingFlag::Used(name), Some(offered)) if binds => {
            if name == offered.name() {
                Ok(offered.data())
            } else {
                Err(Failure::NotAuthorized)
            }
        }
        (BindingFlag::Used(_), None) if binds => Err(Failure::NotAuthorized),
        // RFC 5802 § 6: `p` goes with the mechanisms that bind, and with no others.
        (BindingFlag::Used(_), _) => Err(Failure::MalformedRequest),
        (_, _) if binds => Err(Failure::MalformedRequest),
        // RFC 5802 § 6: "If the flag is set to "y" and the server supports channel binding, the server MUST fail
        // authentication", for somebody may have taken the mechanisms that bind out of its offer.
        (BindingFlag::Unused, Some(_)) => Err(Failure::NotAuthorized),
        (BindingFlag::Unused, None) | (BindingFlag::Unsupported, _) => Ok(&[]),
    }
}

// RFC 6120 § 6.5.8: whatever breaks the syntax of the mechanism; it has no condition of its own for `m=`.
impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Grammar | Unreadable::MandatoryExtension => Self::MalformedRequest,
        }
    }
}
